import { grantSql, scopePolicySql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SCOPED = [
  'engagement_terms',
  'crm_connection',
  'lead_case',
  'meeting',
  'crm_push',
  'crm_record',
  'crm_link',
  'erasure_order',
  'settlement',
] as const;

/** All that crm-sync keeps: ids, facts, codes, and HMACs that die with a lead's key. Nobody's name. */
export class CrmSyncTables1795400000000 implements MigrationInterface {
  readonly name = 'CrmSyncTables1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of SCOPED) {
      await runner.query(scopePolicySql(table));
      await runner.query(grantSql({ app: 'select, insert, update, delete' }, table));
    }
    // For counting what is left, and links of other engagements to the same account (ids only).
    await runner.query(grantSql({ count: 'select (id, engagement_id, portal_id)' }, 'crm_connection'));
    await runner.query(
      grantSql({ count: 'select (connection_id, engagement_id, lead_id, object, vendor_id, gone)' }, 'crm_link'),
    );
    await runner.query(grantSql({ count: 'select (connection_id, engagement_id, object, vendor_id)' }, 'crm_record'));
    await runner.query(grantSql({ count: 'select (engagement_id)' }, 'engagement_terms'));
    for (const table of ['lead_case', 'meeting', 'crm_push', 'settlement'])
      await runner.query(grantSql({ count: 'select (engagement_id, lead_id)' }, table));
    await runner.query(grantSql({ count: 'select (order_id, engagement_id, lead_id)' }, 'erasure_order'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table ${SCOPED.join(', ')}`);
  }
}

const TABLES = `
create table engagement_terms (                  -- the newest snapshot agency sent
  engagement_id uuid primary key,
  version int not null,
  retention_months int not null,
  crm_erasure text not null default 'withdraw-only',
  ended_at timestamptz
);
create table crm_connection (
  id uuid primary key,
  engagement_id uuid not null,
  kind text not null check (kind in ('hubspot')),
  region text, safeguard text,
  portal_id text,                                -- the vendor's account, as the vendor names it
  state text not null check (state in ('connecting', 'active', 'broken')),
  code text,                                     -- why it is broken
  mapping jsonb not null,
  sealed bytea not null,                         -- tokens, under the connection's own key
  token_version int not null default 1,
  created_at timestamptz not null,
  constraint one_connection_per_engagement_and_kind unique (engagement_id, kind)
);
create table lead_case (                         -- the lead's row: locked first by whoever does something about the lead
  engagement_id uuid not null, lead_id uuid not null,
  interested boolean not null default false,
  informed boolean not null default false,       -- as far as events told us; the door decides
  barred text check (barred in ('objected', 'restricted')),
  no_version int not null default 0,             -- leadVersion of the last "no" or release applied
  contact_revision int not null default 1,       -- up when the lead's fields changed
  news int not null default 0,                   -- up with everything a running push may have missed
  primary key (engagement_id, lead_id)
);
create table meeting (
  engagement_id uuid not null, booking_id uuid not null, lead_id uuid not null,
  starts_at timestamptz not null, ends_at timestamptz not null,
  state text not null check (state in ('booked', 'cancelled', 'held', 'missed')),
  revision int not null default 1,
  tell_at timestamptz not null,                  -- end of the undo window of the last change
  primary key (engagement_id, booking_id)
);
create index meeting_of_lead on meeting (engagement_id, lead_id);
create table crm_push (                          -- one for each thing a vendor was, or is to be, told: never two
  connection_id uuid not null,
  object text not null check (object in ('contact', 'meeting')),
  external_key uuid not null,                    -- lead or booking: also the value of our unique property at the vendor
  engagement_id uuid not null, lead_id uuid not null,
  state text not null check (state in ('waiting', 'intended', 'done', 'failed')),
  tries int not null default 0,                  -- intents; 0 = the vendor has heard nothing
  pushed_revision int not null default 0,
  code text, fields text[], vendor_request_id text,
  at timestamptz not null,
  primary key (connection_id, object, external_key)
);
create index crm_push_of_lead on crm_push (engagement_id, lead_id);
create table crm_record (
  connection_id uuid not null, object text not null, vendor_id text not null, engagement_id uuid not null,
  primary key (connection_id, object, vendor_id)
);
create table crm_link (                          -- one record has many links: records get merged
  connection_id uuid not null, object text not null, external_key uuid not null,
  engagement_id uuid not null, lead_id uuid not null,
  vendor_id text,                                -- null: intended, and the answer never came
  provenance text not null check (provenance in ('created', 'matched')),
  merged boolean not null default false,
  gone boolean not null default false,           -- deleted by the client: not made again
  marks jsonb not null default '{}',             -- property -> HMACs of what we wrote
  primary key (connection_id, object, external_key),
  foreign key (connection_id, object, vendor_id) references crm_record
);
create index crm_link_of_lead on crm_link (engagement_id, lead_id);
create index crm_link_of_record on crm_link (connection_id, object, vendor_id);
create table erasure_order (
  order_id uuid primary key,
  engagement_id uuid not null,
  lead_id uuid,                                  -- null: everybody in the engagement
  state text not null check (state in ('ordered', 'asking', 'asked', 'forgotten')),
  blocked int not null default 0,                -- pushes called off
  cleared_at timestamptz,
  asked_at timestamptz
);
create table settlement (                        -- every push ever attempted, per order; needs nothing of the person to be read back
  order_id uuid not null references erasure_order on delete cascade,
  connection_id uuid not null, object text not null, external_key uuid not null,
  engagement_id uuid not null, lead_id uuid not null,
  vendor_id text,
  action text check (action in ('none', 'deleted', 'withdrawn', 'archived', 'blanked', 'stuck')),  -- null: still to be asked
  code text,
  tries int not null default 0,
  looked boolean not null default false,         -- read back in the present round
  remains boolean not null default false,        -- and something was still there
  primary key (order_id, connection_id, object, external_key)
);
`;
