import { grantSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Queues of calling, each engagement's rules, what undo needs, and the indexes by which leads are listed. */
class Calling1795700000000 implements MigrationInterface {
  readonly name = 'Calling1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEAD);
    // Rows that were there: the login sees all engagements, x_owner none.
    await runner.query(`SET ROLE NONE; ${EXISTING} SET ROLE lead_intake_owner`);
    await runner.query(ACTIVITY);
    await runner.query(RULES);
    await runner.query(COUNTS);
    await runner.query(grantSql({ app: 'select, insert, update' }, 'act_count'));
    await runner.query(scopePolicySql('calling_rules'));
    await runner.query(
      grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id)' }, 'calling_rules'),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE calling_rules, act_count;
      ALTER TABLE lead DROP COLUMN queue, DROP COLUMN attempts, DROP COLUMN callback_for, DROP COLUMN number_kind,
        DROP COLUMN nix_on, DROP COLUMN nix_listed, DROP COLUMN nix_blocked;
      ALTER TABLE activity DROP COLUMN tell_at, DROP COLUMN undone_at, DROP COLUMN before, DROP COLUMN callback_for;
      DROP INDEX lead_provenance, lead_notice;
      CREATE INDEX lead_callable ON lead (callable_at, id) WHERE state = 'open' AND NOT restricted`);
  }
}

export const callingMigration: MigrationClass = Calling1795700000000;

// The partial ones cost an import nothing: a new lead is open, unrestricted and nobody's.
const LEAD = `
ALTER TABLE lead
  ADD COLUMN queue smallint NOT NULL DEFAULT 1,      -- 0 callback, 1 never called, 2 tried again
  ADD COLUMN attempts smallint NOT NULL DEFAULT 0,
  ADD COLUMN callback_for uuid,                      -- whose callback; null = anybody's, or none
  ADD COLUMN number_kind text CHECK (number_kind IN ('company', 'private')),
  ADD COLUMN nix_on date,                            -- day of the NIX register's version the number was checked against (B10)
  ADD COLUMN nix_listed boolean NOT NULL DEFAULT false,
  ADD COLUMN nix_blocked boolean NOT NULL DEFAULT false, -- passed over by calling until it is checked anew
  DROP CONSTRAINT lead_state_check,
  ADD CONSTRAINT lead_state_check CHECK (state IN ('open', 'interested', 'booked', 'closed', 'exhausted', 'objected'));
DROP INDEX lead_callable;
CREATE INDEX lead_queue ON lead (queue, callable_at, id) WHERE state = 'open' AND NOT restricted AND NOT nix_blocked;
CREATE INDEX lead_provenance ON lead (provenance_id, id);
CREATE INDEX lead_notice ON lead (obtained_at, id) WHERE informed_at IS NULL;
CREATE INDEX lead_state ON lead (state, id) WHERE state <> 'open';
CREATE INDEX lead_restricted ON lead (id) WHERE restricted;
CREATE INDEX lead_nix ON lead (id) WHERE nix_blocked;
CREATE INDEX lead_mine ON lead (claimed_by, id) WHERE claimed_by IS NOT NULL;
CREATE INDEX provenance_source ON provenance (source);
`;

const EXISTING = `
UPDATE lead l SET attempts = c.calls, queue = CASE WHEN c.last = 'callback' THEN 0 ELSE 2 END
FROM (SELECT engagement_id, lead_id, count(*) AS calls, (array_agg(outcome ORDER BY at DESC, id DESC))[1] AS last
      FROM activity GROUP BY engagement_id, lead_id) c
WHERE l.engagement_id = c.engagement_id AND l.id = c.lead_id;
`;

const ACTIVITY = `
ALTER TABLE activity
  ADD COLUMN tell_at timestamptz,                    -- business time; the others hear of it from then on; null = told, or nothing to tell
  ADD COLUMN undone_at timestamptz,
  ADD COLUMN before jsonb,                           -- where the lead stood before: what undo goes back to; no person in it
  ADD COLUMN callback_for uuid;
`;

const RULES = `
CREATE TABLE calling_rules (                         -- no row: the defaults of domain/calling-rules.ts
  engagement_id uuid PRIMARY KEY,
  version int NOT NULL DEFAULT 1,
  max_attempts smallint NOT NULL, wait_no_answer_minutes int NOT NULL, wait_busy_minutes int NOT NULL, callback_grace_minutes int NOT NULL,
  from_minute smallint NOT NULL, until_minute smallint NOT NULL CHECK (until_minute > from_minute),
  weekdays smallint[] NOT NULL CHECK (cardinality(weekdays) > 0),
  on_holidays boolean NOT NULL, on_eves boolean NOT NULL,
  changed_by uuid NOT NULL, changed_at timestamptz NOT NULL
);
`;

const COUNTS = `
CREATE TABLE act_count (                             -- how often a user looked people up (ASVS 2.4.1); one row for each act, never more
  user_id uuid NOT NULL, act text NOT NULL, n int NOT NULL DEFAULT 1, since timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (user_id, act)
);
`;
