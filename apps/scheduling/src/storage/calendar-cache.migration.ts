import { grantSql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
alter table calendar_connection drop constraint calendar_connection_kind_check;
alter table calendar_connection add constraint calendar_connection_kind_check check (kind in ('google', 'caldav'));

create table calendar_state (                   -- how reading and writing a host's calendar goes
  connection_id uuid primary key references calendar_connection on delete cascade,
  token text,                                   -- the vendor's, for what changed since
  version int not null default 0,               -- up by one with every change of the items
  read_at timestamptz, written_at timestamptz,
  code text                                     -- of the last reading or writing that failed; null: it went well
);

create table calendar_item (                    -- when a host's own calendar makes them busy: times, and no word of what for
  connection_id uuid not null references calendar_connection on delete cascade, item text not null,
  entries jsonb not null, replaces jsonb,
  primary key (connection_id, item)
);
alter table calendar_item alter column entries set statistics 0;

alter table calendar_event add column host_change text check (host_change in ('moved', 'deleted')), add column host_starts_at timestamptz;
insert into due (kind, key, due_at, payload, background)  -- what is connected already is read from now on
  select 'calendar-sync', id::text, '1970-01-01', '{}', true from calendar_connection on conflict do nothing;
create index calendar_event_connection on calendar_event (connection_id, event_id);
`;

/** CalDAV beside Google; what was read of calendars is kept; what hosts do to our events is noticed. */
export class CalendarCache1795392000200 implements MigrationInterface {
  name = 'CalendarCache1795392000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['calendar_state', 'calendar_item']) {
      await runner.query(grantSql({ app: 'select, insert, update, delete', count: 'select (connection_id)' }, table));
    }
    await runner.query(grantSql({ count: 'select (connection_id, event_id)' }, 'calendar_event'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index calendar_event_connection; delete from due where kind = 'calendar-sync';
      alter table calendar_event drop column host_change, drop column host_starts_at;
      drop table calendar_item, calendar_state;
      delete from calendar_connection where kind = 'caldav';
      alter table calendar_connection drop constraint calendar_connection_kind_check;
      alter table calendar_connection add constraint calendar_connection_kind_check check (kind = 'google')`);
  }
}
