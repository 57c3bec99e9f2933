import { grantSql, scopePolicySql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
create table kept_slot (                        -- a time kept for a lead who is still thinking; its host_slot has the same id and kind 'kept'
  engagement_id uuid not null, id uuid primary key, lead_id uuid not null, host_id uuid not null, meeting_type_id uuid not null,
  starts_at timestamptz not null, ends_at timestamptz not null, blocked tstzrange not null, kept_until timestamptz not null,
  foreign key (engagement_id, lead_id) references lead_case,
  constraint one_kept_slot_per_lead unique (engagement_id, lead_id)
);

alter table meeting_type add column max_per_day int check (max_per_day > 0);
create index booking_type_day on booking (meeting_type_id, host_id, starts_at);
`;

/** Slots kept for a lead, and how many meetings of a type a host has in a day. */
export class KeptSlots1795392000300 implements MigrationInterface {
  name = 'KeptSlots1795392000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(scopePolicySql('kept_slot'));
    await runner.query(
      grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id, lead_id, id)' }, 'kept_slot'),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index booking_type_day; alter table meeting_type drop column max_per_day;
      delete from host_slot where kind = 'kept'; drop table kept_slot`);
  }
}
