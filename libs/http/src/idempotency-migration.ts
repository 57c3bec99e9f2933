import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table behind claimKey. It names engagements but is no engagement's data: a key is claimed before its engagement is known,
 * and is found by its principal alone, so it is one of the catalog test's named exceptions from row-level security. */
class Idempotency1700000000200 implements MigrationInterface {
  name = 'Idempotency1700000000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency (
        principal text not null, route text not null, key text not null,
        body_hmac bytea not null, status smallint, resource_id uuid, lead_id uuid, engagement_id uuid,
        at timestamptz not null default clock_timestamp(),
        primary key (principal, route, key));
      create index idempotency_at on idempotency (at);
      create index idempotency_lead on idempotency (lead_id) where lead_id is not null;
      create index idempotency_engagement on idempotency (engagement_id) where engagement_id is not null;
      do $$ begin
        execute format('grant select, insert, update, delete on idempotency to %I', current_schema() || '_app');
        execute format('grant select, delete on idempotency to %I', current_schema() || '_worker');
        execute format('grant select (lead_id, engagement_id) on idempotency to %I', current_schema() || '_count');
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency');
  }
}

/** The migration a service with POSTs adds to its list. */
export function idempotencyMigration(): new () => MigrationInterface {
  return Idempotency1700000000200;
}
