import { grantSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a booker's screen needs: the lead kept ready for the next press, the script, and one's own day. */
class Desk1796600000000 implements MigrationInterface {
  readonly name = 'Desk1796600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEAD);
    await runner.query(SCRIPT);
    await runner.query(scopePolicySql('call_script'));
    await runner.query(grantSql({ app: 'select, insert, delete', count: 'select (engagement_id)' }, 'call_script'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE call_script; DROP INDEX lead_reserved, activity_mine;
      ALTER TABLE lead DROP COLUMN reserved; ALTER TABLE activity DROP COLUMN booking_id`);
  }
}

export const deskMigration: MigrationClass = Desk1796600000000;

// activity_mine serves one's own day and last outcomes: a few hundred rows for each booker and day.
const LEAD = `
ALTER TABLE lead ADD COLUMN reserved boolean NOT NULL DEFAULT false;  -- claimed for a booker who has not seen it yet
CREATE INDEX lead_reserved ON lead (claimed_by) WHERE reserved;
ALTER TABLE activity ADD COLUMN booking_id uuid;                      -- the meeting made in the call
CREATE INDEX activity_mine ON activity (user_id, at);
`;

const SCRIPT = `
CREATE TABLE call_script (                           -- each version stays: what was said in a call can be looked up; no row: the default
  engagement_id uuid NOT NULL, version int NOT NULL CHECK (version > 0),
  steps jsonb NOT NULL, changed_by uuid NOT NULL, changed_at timestamptz NOT NULL,
  PRIMARY KEY (engagement_id, version)
);
`;
