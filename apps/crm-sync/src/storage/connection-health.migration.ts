import { grantSql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a connection fares, and what is known of each vendor account's day. */
export class ConnectionHealth1795500000001 implements MigrationInterface {
  readonly name = 'ConnectionHealth1795500000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(grantSql({ app: 'select, insert, update, delete' }, 'vendor_day'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table vendor_day;
      alter table crm_connection drop column last_read_at, drop column last_write_at, drop column last_error, drop column last_error_at`);
  }
}

const TABLES = `
alter table crm_connection
  add column last_read_at timestamptz, add column last_write_at timestamptz,
  add column last_error text, add column last_error_at timestamptz;   -- a code, never the vendor's words
create table vendor_day (                        -- of an account, whichever engagements are connected to it: numbers of calls, nothing of anybody
  kind text not null, account text not null,     -- as the vendor names it
  day_limit int, remaining int, seen_at timestamptz,
  blocked_until timestamptz,                     -- nothing is sent before
  reason text check (reason in ('used-up', 'reserve')),
  time_zone text,                                -- where the vendor's day ends at midnight
  primary key (kind, account)
);
`;
