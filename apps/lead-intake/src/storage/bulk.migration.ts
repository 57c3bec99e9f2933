import { grantSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Acts on many leads, and exports of them: ids, counts and reasons, no person. */
class Bulk1795800000000 implements MigrationInterface {
  readonly name = 'Bulk1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['bulk_act', 'bulk_item', 'lead_export']) {
      await runner.query(scopePolicySql(table));
      await runner.query(grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id)' }, table));
    }
    await runner.query(grantSql({ count: 'select (lead_id)' }, 'bulk_item'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lead_export, bulk_item, bulk_act');
  }
}

export const bulkMigration: MigrationClass = Bulk1795800000000;

const TABLES = `
CREATE TABLE bulk_act (
  id uuid PRIMARY KEY, engagement_id uuid NOT NULL,
  act text NOT NULL CHECK (act IN ('suppress', 'erase', 'close', 'reopen')),
  reason text NOT NULL,                        -- about the work, not about a person
  asked_by jsonb NOT NULL,                     -- who is named in the audit trail for what the work does
  asked_at timestamptz NOT NULL, done_at timestamptz
);
CREATE INDEX bulk_act_engagement ON bulk_act (engagement_id);
CREATE TABLE bulk_item (
  engagement_id uuid NOT NULL, bulk_id uuid NOT NULL REFERENCES bulk_act (id) ON DELETE CASCADE, lead_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'untouched')),
  cause text,                                  -- why it was left alone
  PRIMARY KEY (bulk_id, lead_id)
);
CREATE INDEX bulk_item_lead ON bulk_item (lead_id);
CREATE INDEX bulk_item_waiting ON bulk_item (bulk_id, lead_id) WHERE state = 'waiting';
CREATE INDEX bulk_item_engagement ON bulk_item (engagement_id);
CREATE TABLE lead_export (                     -- what may be fetched, by whom, until when; the file itself is made while it is sent
  id uuid PRIMARY KEY, engagement_id uuid NOT NULL,
  filter jsonb NOT NULL, fields text[] NOT NULL, reason text NOT NULL,
  asked_by uuid NOT NULL, asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL              -- real time
);
CREATE INDEX lead_export_engagement ON lead_export (engagement_id);
`;
