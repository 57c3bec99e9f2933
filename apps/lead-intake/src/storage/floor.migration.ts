import { grantSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a supervisor's floor asks every other second: who is at the desk, how fast lists are called, who may be given a callback. */
class Floor1796700000000 implements MigrationInterface {
  readonly name = 'Floor1796700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DESK_STATE);
    await runner.query(scopePolicySql('desk_state'));
    await runner.query(
      grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id)' }, 'desk_state'),
    );
    await runner.query(INDEXES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE desk_state; DROP INDEX lead_held, activity_recent; ALTER TABLE engagement DROP COLUMN member_ids',
    );
  }
}

export const floorMigration: MigrationClass = Floor1796700000000;

const DESK_STATE = `
CREATE TABLE desk_state (                            -- where a booker is now, as their own desk says; overwritten, never a history
  engagement_id uuid NOT NULL, user_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'lead', 'in-call', 'wrap-up', 'paused')),
  since timestamptz NOT NULL, seen_at timestamptz NOT NULL,  -- real time, as claims are
  PRIMARY KEY (engagement_id, user_id)
);
`;

// lead_held holds the leads in somebody's hand only: an outcome ends the claim.
const INDEXES = `
CREATE INDEX lead_held ON lead (claimed_until) WHERE claimed_until IS NOT NULL;
CREATE INDEX activity_recent ON activity (at);
ALTER TABLE engagement ADD COLUMN member_ids uuid[];  -- who may act in it; null: not heard since this column exists
`;
