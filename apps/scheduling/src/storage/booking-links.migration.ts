import { grantSql, scopePolicySql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
create table booking_link (                     -- a link by which a lead who asked for it picks a time; the link itself is not kept
  engagement_id uuid not null, id uuid primary key, lead_id uuid not null, meeting_type_id uuid not null, host_id uuid,
  state text not null default 'open' check (state in ('open', 'booked', 'declined', 'withdrawn')),
  made_by uuid not null, made_at timestamptz not null, expires_at timestamptz not null,
  mail text not null default 'due' check (mail in ('due', 'sent', 'failed')), mail_code text,
  booking_id uuid, time_wanted_at timestamptz,
  foreign key (engagement_id, lead_id) references lead_case
);
create index booking_link_lead on booking_link (engagement_id, lead_id);

-- What abuse is counted by: real time, keyed hashes, two days (B9). It knows no link and no lead.
create table link_use (bucket bytea not null, hour timestamptz not null, n int not null, primary key (bucket, hour));
create index link_use_hour on link_use (hour);

alter table engagement add column retention_months int;  -- X of A7, as its last snapshot says; null: not heard since this was added
`;

/** Links by which leads book, move and cancel themselves. */
export class BookingLinks1796000000100 implements MigrationInterface {
  name = 'BookingLinks1796000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(scopePolicySql('booking_link'));
    await runner.query(
      grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id, lead_id, id)' }, 'booking_link'),
    );
    await runner.query(grantSql({ app: 'select, insert, update, delete' }, 'link_use'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table engagement drop column retention_months; drop table link_use, booking_link');
  }
}
