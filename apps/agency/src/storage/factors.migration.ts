import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantSql } from '@avtala/database';

/** How a person proves who they are beside password and TOTP: passkeys, the identity provider, recovery codes, a reset by mail. */
export class Factors1700000001200 implements MigrationInterface {
  readonly name = 'Factors1700000001200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What a ceremony must find again when it comes back: deleted by the one who finds it, so nothing can be answered twice.
      -- key_hash = SHA-256 of what the browser's cookie holds: the table opens no door.
      create table sign_in_challenge (
        key_hash bytea primary key,
        kind text not null,
        user_id uuid references auth_user (id) on delete cascade,
        data jsonb not null,
        expires_at timestamptz not null
      );
      create index sign_in_challenge_expiry on sign_in_challenge (expires_at);

      create table passkey (
        passkey_id uuid primary key,
        user_id uuid not null references auth_user (id) on delete cascade,
        credential_id bytea not null constraint one_passkey_per_credential unique,
        public_key bytea not null,
        counter bigint not null,
        transports text[] not null,
        synced boolean not null,
        name text not null,
        created_at timestamptz not null default clock_timestamp(),
        used_at timestamptz
      );
      create index passkey_user on passkey (user_id);

      -- A person at the identity provider is (issuer, subject), never an address (ASVS 6.8.1).
      create table external_identity (
        issuer text not null,
        subject text not null,
        user_id uuid not null references auth_user (id) on delete cascade,
        created_at timestamptz not null default clock_timestamp(),
        primary key (issuer, subject)
      );
      create index external_identity_user on external_identity (user_id);

      create table recovery_code (
        user_id uuid not null references auth_user (id) on delete cascade,
        code_hash bytea not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (user_id, code_hash)
      );

      -- asked_for is what was typed, and there only until the mail is sent or found to be for nobody.
      create table password_reset (
        reset_id uuid primary key,
        asked_for text,
        user_id uuid references auth_user (id) on delete cascade,
        expires_at timestamptz not null,
        used_at timestamptz
      );
      create index password_reset_user on password_reset (user_id);
      create index password_reset_expiry on password_reset (expires_at);
      alter table password_reset alter column asked_for set statistics 0;

      alter table auth_session
        add column method text check (method in ('password', 'passkey', 'identity-provider')),
        -- The provider's session, for signing out there too: sealed, and its id, for when the provider signs out first.
        add column provider_hint text,
        add column provider_issuer text,
        add column provider_sid text;
      create index auth_session_provider on auth_session (provider_issuer, provider_sid) where provider_sid is not null;
    `);
    for (const table of ['sign_in_challenge', 'passkey', 'external_identity', 'recovery_code', 'password_reset']) {
      await runner.query(grantSql({ app: 'select, insert, update, delete' }, table));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table auth_session drop column method, drop column provider_hint, drop column provider_issuer, drop column provider_sid;
      drop table password_reset, recovery_code, external_identity, passkey, sign_in_challenge`);
  }
}
