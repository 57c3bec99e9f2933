import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantSql } from '@avtala/database';

/** Who signed in when, how and from roughly where, for the person and for who looks after accounts. The audit trail holds the same events
 * sealed and without the place; this table is what a retention rule may delete from. */
export class AuthEvents1795600001000 implements MigrationInterface {
  readonly name = 'AuthEvents1795600001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table auth_event (
        auth_event_id uuid primary key default uuidv7(),
        -- null: no account of that name. What was typed is not kept.
        user_id uuid references auth_user (id) on delete cascade,
        at timestamptz not null default clock_timestamp(),   -- real time, as sessions
        act text not null,
        method text,
        result text not null check (result in ('ok', 'refused', 'backed-off')),
        session_id uuid,
        network text,                                        -- /24 or /48
        agent text                                           -- family of browser and system
      );
      create index auth_event_user on auth_event (user_id, auth_event_id desc);
      create index auth_event_at on auth_event (at);
    `);
    await runner.query(grantSql({ app: 'select, insert, delete' }, 'auth_event'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table auth_event');
  }
}
