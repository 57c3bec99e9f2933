import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantSql } from '@avtala/database';

/** Accounts and sessions. The first four tables and auth_two_factor have the columns better-auth 1.7.25 wants (its own generator's output,
 * renamed); a test compares them with the library at every run. What only we know (role, assurance, last seen) stands beside its columns. */
export class Identity1700000001000 implements MigrationInterface {
  readonly name = 'Identity1700000001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table auth_user (
        id uuid primary key default gen_random_uuid(),
        name text not null,
        email text not null constraint one_account_per_address unique,
        "emailVerified" boolean not null,
        image text,
        "createdAt" timestamptz not null default clock_timestamp(),
        "updatedAt" timestamptz not null default clock_timestamp(),
        "twoFactorEnabled" boolean,
        role text not null check (role in ('admin', 'supervisor', 'booker', 'dpo', 'client')),
        disabled_at timestamptz
      );
      create table auth_session (
        id uuid primary key default gen_random_uuid(),
        "expiresAt" timestamptz not null,
        token text not null unique,
        "createdAt" timestamptz not null default clock_timestamp(),
        "updatedAt" timestamptz not null,
        "ipAddress" text,
        "userAgent" text,
        "userId" uuid not null references auth_user (id) on delete cascade,
        aal smallint not null default 1 check (aal in (1, 2)),
        auth_time timestamptz not null default clock_timestamp(),
        seen_at timestamptz not null default clock_timestamp()
      );
      create index auth_session_user on auth_session ("userId");
      create table auth_account (
        id uuid primary key default gen_random_uuid(),
        "accountId" text not null,
        "providerId" text not null,
        "userId" uuid not null references auth_user (id) on delete cascade,
        "accessToken" text,
        "refreshToken" text,
        "idToken" text,
        "accessTokenExpiresAt" timestamptz,
        "refreshTokenExpiresAt" timestamptz,
        scope text,
        password text,
        "createdAt" timestamptz not null default clock_timestamp(),
        "updatedAt" timestamptz not null
      );
      create index auth_account_user on auth_account ("userId");
      create table auth_verification (
        id uuid primary key default gen_random_uuid(),
        identifier text not null,
        value text not null,
        "expiresAt" timestamptz not null,
        "createdAt" timestamptz not null default clock_timestamp(),
        "updatedAt" timestamptz not null default clock_timestamp()
      );
      create index auth_verification_identifier on auth_verification (identifier);
      create table auth_two_factor (
        id uuid primary key default gen_random_uuid(),
        secret text not null,
        "backupCodes" text not null,
        "userId" uuid not null references auth_user (id) on delete cascade,
        verified boolean,
        "failedVerificationCount" integer,
        "lockedUntil" timestamptz
      );
      create index auth_two_factor_secret on auth_two_factor (secret);
      create index auth_two_factor_user on auth_two_factor ("userId");

      -- A code is good once: the primary key decides, whoever comes second (security.md 1.3 rule 3).
      create table totp_used (
        user_id uuid not null references auth_user (id) on delete cascade,
        code_hash bytea not null,
        used_at timestamptz not null default clock_timestamp(),
        primary key (user_id, code_hash)
      );
      -- key = HMAC of account and network, or of the network alone: neither can be read from the table.
      create table sign_in_failure (
        key bytea primary key,
        tries integer not null,
        last_at timestamptz not null,
        blocked_until timestamptz not null
      );
      create table invitation (
        invitation_id uuid primary key,
        email text not null,
        role text not null check (role in ('admin', 'supervisor', 'booker', 'dpo', 'client')),
        invited_by uuid references auth_user (id),
        created_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null default clock_timestamp() + interval '72 hours',
        accepted_at timestamptz
      );
      -- Names and addresses of people must not live on in pg_statistic after their row is gone (protocols.md 10).
      alter table auth_user alter column name set statistics 0, alter column email set statistics 0;
      alter table invitation alter column email set statistics 0;
    `);
    for (const table of ['auth_user', 'auth_session', 'auth_account', 'auth_verification', 'auth_two_factor']) {
      await runner.query(grantSql({ app: 'select, insert, update, delete' }, table));
    }
    for (const table of ['totp_used', 'sign_in_failure', 'invitation']) {
      await runner.query(grantSql({ app: 'select, insert, update, delete' }, table));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table invitation, sign_in_failure, totp_used, auth_two_factor, auth_verification,
      auth_account, auth_session, auth_user`);
  }
}
