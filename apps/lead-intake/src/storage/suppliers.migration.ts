import { grantSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who hands leads over, how their files are read, and imports that rest. */
class Suppliers1795700000200 implements MigrationInterface {
  readonly name = 'Suppliers1795700000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(scopePolicySql('supplier_mapping'));
    await runner.query(
      grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id)' }, 'supplier_mapping'),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE supplier_mapping;
      ALTER TABLE import DROP CONSTRAINT import_state_check,
        ADD CONSTRAINT import_state_check CHECK (state IN ('uploading', 'waiting', 'running', 'done', 'failed'));
      ALTER TABLE import DROP COLUMN supplier;
      ALTER TABLE provenance DROP COLUMN supplier`);
  }
}

export const suppliersMigration: MigrationClass = Suppliers1795700000200;

const TABLES = `
ALTER TABLE provenance ADD COLUMN supplier text;  -- who handed it over, when that is not the source itself
ALTER TABLE import ADD COLUMN supplier text;      -- whose saved mapping it is read by
ALTER TABLE import DROP CONSTRAINT import_state_check,
  ADD CONSTRAINT import_state_check CHECK (state IN ('uploading', 'waiting', 'running', 'paused', 'done', 'failed'));

CREATE TABLE supplier_mapping (
  engagement_id uuid NOT NULL, supplier_key text NOT NULL,   -- the name in one spelling
  id uuid NOT NULL,                                          -- whose key of kind import seals it
  supplier text NOT NULL,
  sealed bytea NOT NULL,                                     -- headers may be a person, in a file without a header row; AAD mapping:<id>
  updated_by uuid NOT NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (engagement_id, supplier_key)
);
ALTER TABLE supplier_mapping ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN sealed SET STATISTICS 0;
`;
