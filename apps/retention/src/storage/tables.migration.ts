import { grantSql, scopePolicySql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SCOPED = ['engagement_clock', 'lead_clock', 'erasure_order', 'erasure_receipt', 'certificate'] as const;

/** Clocks, orders, receipts, certificates: ids, dates and counts. */
export class RetentionTables1795400000000 implements MigrationInterface {
  readonly name = 'RetentionTables1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of SCOPED) {
      await runner.query(scopePolicySql(table));
      await runner.query(grantSql({ app: 'select, insert, update, delete' }, table));
      await runner.query(grantSql({ count: 'select (engagement_id)' }, table));
    }
    await runner.query(grantSql({ count: 'select (lead_id)' }, 'lead_clock'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ${SCOPED.join(', ')}`);
  }
}

const TABLES = `
create table engagement_clock (
  engagement_id uuid primary key,
  version int not null,                       -- of the newest snapshot agency sent
  retention_months int not null,
  ended_at timestamptz,
  erase_by date                               -- E1: last day on which anything may exist
);
create table lead_clock (                     -- B8; gone with the lead
  engagement_id uuid not null, lead_id uuid not null,
  inform_by timestamptz,                      -- null: told before we heard of the registration (another topic)
  told_at timestamptz,
  primary key (engagement_id, lead_id)
);
create index lead_clock_lead on lead_clock (lead_id);
create index lead_clock_untold on lead_clock (engagement_id, inform_by) where told_at is null;
create table erasure_order (
  id uuid primary key,
  engagement_id uuid not null,
  lead_id uuid,                               -- null: everybody in the engagement
  reason text not null,
  state text not null check (state in ('ordered', 'cleared', 'completed', 'incomplete')),
  ordered_at timestamptz not null,
  judged_at timestamptz not null,             -- whoever is not done then is late
  erase_by date,
  cleared_at timestamptz,
  forgotten boolean not null default false,   -- our own rows about the person are gone
  finished_at timestamptz,
  incomplete text[] not null default '{}'     -- who was not done when the order ended
);
-- One order for a person, one for an engagement: whoever orders it again finds it.
create unique index one_order_per_lead on erasure_order (engagement_id, lead_id) where lead_id is not null;
create unique index one_order_per_engagement on erasure_order (engagement_id) where lead_id is null;
create table erasure_receipt (
  order_id uuid not null references erasure_order (id),
  engagement_id uuid not null,
  recipient text not null, phase text not null,
  action text not null, counts jsonb not null, outstanding text[] not null,
  at timestamptz not null,
  primary key (order_id, recipient, phase)
);
create table certificate (
  order_id uuid primary key references erasure_order (id),
  engagement_id uuid not null,
  document text not null,                     -- canonical JSON, as signed
  issued_at timestamptz not null
);
`;
