import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the sync screen shows: the states in its words, the closed cause, who set it aside, what was written; and indexes by which a page of a
 * hundred thousand is as fast as one of a hundred. */
export class SyncScreen1795500000000 implements MigrationInterface {
  readonly name = 'SyncScreen1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    // Policies bind the owner too: a migration has no scope, and would see no row to rename.
    await runner.query('alter table crm_push no force row level security');
    await runner.query(RENAME);
    await runner.query('alter table crm_push force row level security');
    await runner.query(COLUMNS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table crm_push drop column id, drop column cause, drop column held, drop column operation,
      drop column sent_fields, drop column skip_reason, drop column retry_batch, drop column urgency`);
  }
}

const RENAME = `
alter table crm_push drop constraint crm_push_state_check;
alter table crm_push add column cause text;
update crm_push set
  state = case when code = 'deleted-by-client' then 'blocked' when state = 'waiting' then 'blocked' when state = 'intended' then 'sent'
    when state = 'done' then 'confirmed' else 'parked' end,
  cause = case when state in ('done', 'intended') then null
    when code in ('deleted-by-client', 'contact-failed', 'objected', 'restricted', 'not-informed', 'erased', 'no-data') then code
    when code = 'unknown' then 'no-data' when code = 'VALIDATION_ERROR' then 'value-refused' else 'refused' end;
alter table crm_push add constraint crm_push_state_check
  check (state in ('queued', 'sent', 'confirmed', 'retrying', 'parked', 'blocked', 'skipped'));
`;

const COLUMNS = `
alter table crm_push
  add column id uuid not null default uuidv7(),
  add column held boolean not null default false,      -- a person set it aside: news do not wake it
  add column operation text check (operation in ('create', 'update', 'none')),
  add column sent_fields text[],                       -- names of what was written last, never values
  add column skip_reason text,
  add column retry_batch uuid,                         -- the last "retry all" that took it: none takes it twice
  add column urgency smallint not null generated always as (case state when 'parked' then 6 when 'retrying' then 5 when 'sent' then 4
    when 'queued' then 3 when 'blocked' then 2 when 'confirmed' then 1 else 0 end) stored;
create unique index crm_push_id on crm_push (id);
create index crm_push_screen on crm_push (engagement_id, urgency, at, id);
create index crm_push_of_connection on crm_push (connection_id, urgency, at, id);
create index crm_push_of_cause on crm_push (engagement_id, cause, urgency, at, id) where cause is not null;
`;
