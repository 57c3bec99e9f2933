import { grantSql, scopePolicySql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of an engagement: row-level security, and the id columns countable by x_count for reading back an erasure. */
const SCOPED = [
  'engagement',
  'host_engagement',
  'meeting_type',
  'meeting_type_host',
  'lead_case',
  'booking',
  'invite',
  'calendar_event',
  'erasure',
] as const;

const TABLES = `
create table engagement (                       -- what we keep of agency's engagement: the newest snapshot
  engagement_id uuid primary key, client_id uuid not null, version int not null, time_zone text not null,
  started_at timestamptz, ended_at timestamptz
);

create table host (                             -- may serve several engagements, so it belongs to none
  id uuid primary key, time_zone text not null,
  person bytea not null,                        -- {name, email} under the host's own key (A8)
  weekly_hours jsonb not null                   -- [{day, from, to}], minutes of the host's wall clock
);
alter table host alter column person set statistics 0;

create table host_engagement (
  engagement_id uuid not null, host_id uuid not null references host on delete cascade,
  primary key (engagement_id, host_id)
);
create index host_engagement_host on host_engagement (host_id);

create table calendar_connection (
  id uuid primary key, host_id uuid not null references host on delete cascade, kind text not null check (kind = 'google'),
  access bytea not null,                        -- {calendarId, refreshToken} under the connection's own key
  constraint one_calendar_per_host unique (host_id)
);
alter table calendar_connection alter column access set statistics 0;

create table meeting_type (
  engagement_id uuid not null, id uuid primary key, name text not null, location text,
  length_minutes int not null, buffer_before_minutes int not null, buffer_after_minutes int not null,
  notice_minutes int not null, horizon_days int not null, step_minutes int not null
);
create index meeting_type_engagement on meeting_type (engagement_id);

create table meeting_type_host (
  engagement_id uuid not null, meeting_type_id uuid not null references meeting_type on delete cascade,
  host_id uuid not null references host on delete cascade, position int not null,
  primary key (meeting_type_id, host_id)
);

create table lead_case (                        -- a lead as scheduling knows it: no person in it
  engagement_id uuid not null, lead_id uuid not null, time_zone text not null,
  lead_version int not null,                    -- of the last objection, restriction or release applied
  objected boolean not null default false, restricted boolean not null default false,
  primary key (engagement_id, lead_id)
);
create index lead_case_lead on lead_case (lead_id);

create table booking (
  engagement_id uuid not null, id uuid primary key, lead_id uuid not null, host_id uuid not null, meeting_type_id uuid not null,
  starts_at timestamptz not null, ends_at timestamptz not null, time_zone text not null,
  state text not null default 'booked' check (state in ('booked', 'cancelled', 'held', 'missed')),
  sequence int not null default 0, decided_at timestamptz not null, reason text,
  foreign key (engagement_id, lead_id) references lead_case
);
create index booking_lead on booking (engagement_id, lead_id);
create index booking_page on booking (engagement_id, starts_at, id);

create table host_slot (                        -- who is taken when, and nothing else: without engagement, outside row-level security
  booking_id uuid primary key, host_id uuid not null,
  blocked tstzrange not null,                   -- buffers included, half-open
  kind text not null default 'booked' check (kind in ('booked', 'kept')),
  constraint one_meeting_per_host exclude using gist (host_id with =, blocked with &&)
);

create table invite (                           -- the intent to send one message; committed before it is sent
  engagement_id uuid not null, lead_id uuid not null, booking_id uuid not null references booking on delete cascade,
  sequence int not null, method text not null check (method in ('REQUEST', 'CANCEL')),
  message_mac bytea,                            -- of the bytes tried first: other bytes take a new sequence
  state text not null check (state in ('sending', 'sent', 'failed')), code text,
  primary key (booking_id, sequence)
);
create index invite_lead on invite (engagement_id, lead_id);

create table calendar_event (                   -- the intent to write one event; committed before the call
  engagement_id uuid not null, lead_id uuid not null, booking_id uuid not null references booking on delete cascade,
  generation int not null, connection_id uuid not null, event_id text not null,
  sequence int not null, state text not null check (state in ('writing', 'written', 'removed', 'failed', 'erased')), code text,
  primary key (booking_id, generation)
);
create index calendar_event_lead on calendar_event (engagement_id, lead_id);

create table erasure (                          -- an order that is not settled yet; gone with its last receipt
  order_id uuid primary key, engagement_id uuid not null, lead_id uuid,
  ordered_at timestamptz not null,
  stage text not null check (stage in ('stopping', 'asking', 'asked', 'cleared', 'reading-back')),
  counts jsonb not null default '{}',
  events jsonb not null default '[]'            -- [{connectionId, eventId}] still to be read back once the rows are gone
);
`;

// x_app takes and frees slots by booking id and reads them through this alone: ranges, no bookings, no engagements.
const FUNCTIONS = `
create function busy_slots(hosts uuid[], within tstzrange) returns table (host_id uuid, blocked tstzrange)
  language sql stable security definer set search_path = scheduling, pg_temp
  as $$ select host_id, blocked from host_slot where host_id = any(hosts) and blocked && within $$;
`;

/** What scheduling keeps. */
export class Scheduling1795392000100 implements MigrationInterface {
  name = 'Scheduling1795392000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    const [{ schema }] = (await runner.query('select current_schema() as schema')) as [{ schema: string }];
    await runner.query(FUNCTIONS.replaceAll('search_path = scheduling', `search_path = ${schema}`));
    for (const table of SCOPED) {
      await runner.query(scopePolicySql(table));
      await runner.query(grantSql({ app: 'select, insert, update, delete' }, table));
      await runner.query(grantSql({ count: 'select (engagement_id)' }, table));
    }
    for (const table of ['lead_case', 'booking', 'invite', 'calendar_event', 'erasure']) {
      await runner.query(grantSql({ count: 'select (lead_id)' }, table));
    }
    await runner.query(grantSql({ count: 'select (id)' }, 'booking'));
    await runner.query(grantSql({ count: 'select (host_id)' }, 'host_engagement'));
    await runner.query(grantSql({ count: 'select (order_id)' }, 'erasure'));
    await runner.query(grantSql({ app: 'select, insert, update, delete', count: 'select (id)' }, 'host'));
    await runner.query(
      grantSql({ app: 'select, insert, update, delete', count: 'select (id, host_id)' }, 'calendar_connection'),
    );
    await runner.query(
      grantSql({ app: 'insert, delete, select (booking_id)', count: 'select (booking_id)' }, 'host_slot'),
    );
    await runner.query(grantSql({ app: 'execute' }, 'function busy_slots(uuid[], tstzrange)'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function busy_slots(uuid[], tstzrange);
      drop table erasure, calendar_event, invite, host_slot, booking, lead_case, meeting_type_host, meeting_type,
        calendar_connection, host_engagement, host, engagement`);
  }
}
