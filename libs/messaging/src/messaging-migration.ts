import { grantSql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The work tables of a service: every service puts this first among its migrations (messaging.md §3, protocols.md §7).
 * `at` and `due.due_at` are business time, given by the caller. Every other time is real time, where now() is right:
 * backoff, leases and pruning must not jump with the test clock.
 * @param schema only names the class; tables are made in the migration's search_path
 */
export function messagingMigration(schema: string): MigrationClass {
  return class implements MigrationInterface {
    readonly name = `Messaging_${schema}_1795392000000`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(TABLES);
      for (const sql of GRANTS) await runner.query(sql);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query('DROP TABLE outbox, log, cursor, inbox, held, due, tombstone');
    }
  };
}

/** Payloads of outbox and log are `json`: nothing is looked for in them, and each is written twice and read by every group, which jsonb would take apart
 * and put together each time. */
const TABLES = `
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL, key text NOT NULL, type text NOT NULL, payload json NOT NULL,
  engagement_id uuid, lead_id uuid, at timestamptz NOT NULL,
  items int                                    -- a chunk of so many events, expanded by the relay; null = one event
);
CREATE TABLE log (
  lane smallint NOT NULL, pos bigint GENERATED ALWAYS AS IDENTITY,
  event_id uuid NOT NULL, key text NOT NULL, type text NOT NULL, payload json NOT NULL,
  engagement_id uuid, lead_id uuid, at timestamptz NOT NULL,
  logged_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (lane, pos)
);
CREATE INDEX log_engagement ON log (engagement_id);
CREATE TABLE cursor (
  grp text, topic text, lane smallint, pos bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (grp, topic, lane)
) WITH (fillfactor = 50);                      -- updated with every batch: room for it on the same page
CREATE TABLE inbox (
  grp text, event_id uuid, at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, grp)                  -- the id first: the group is nearly always the same
);
CREATE INDEX inbox_at ON inbox USING brin (at) WITH (autosummarize = on); -- written with every event, read once an hour by pruning
CREATE TABLE held (                            -- retrying, waiting behind, and parked: one table
  grp text, topic text, lane smallint, pos bigint,
  event_id uuid NOT NULL, key text NOT NULL, type text NOT NULL, payload jsonb NOT NULL,
  engagement_id uuid, lead_id uuid, at timestamptz NOT NULL,
  overtakes boolean NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT '-infinity', -- real time; infinity = parked
  first_at timestamptz,                        -- NotYet: its first try
  held_at timestamptz NOT NULL DEFAULT now(),
  error text,                                  -- a code and names of fields, never a value
  PRIMARY KEY (grp, topic, lane, pos)
);
CREATE INDEX held_key ON held (grp, topic, key, pos);
CREATE INDEX held_due ON held (grp, due_at) WHERE due_at < 'infinity';
CREATE INDEX held_event ON held (event_id);
CREATE TABLE tombstone (                       -- ids only; stays for good
  kind text NOT NULL CHECK (kind IN ('lead', 'engagement')), id uuid NOT NULL,
  engagement_id uuid NOT NULL, order_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, id)
);
CREATE TABLE due (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  kind text NOT NULL, key text NOT NULL, engagement_id uuid, lead_id uuid,
  payload jsonb NOT NULL DEFAULT '{}',
  due_at timestamptz NOT NULL,                 -- business time
  not_before timestamptz NOT NULL DEFAULT '-infinity', -- real time: backoff, a vendor's limits
  background boolean NOT NULL DEFAULT false,   -- a period under a day: no step of the test clock
  lease uuid, lease_until timestamptz,         -- real time
  cancelled boolean NOT NULL DEFAULT false,    -- called off while leased: gone when the lease ends
  tries int NOT NULL DEFAULT 0,                -- failures in a row: the backoff
  failures int NOT NULL DEFAULT 0,             -- of these, the work's own fault: parked at 12
  parked boolean NOT NULL DEFAULT false,
  error text,                                  -- a code, never a value
  UNIQUE (kind, key)
);
CREATE INDEX due_next ON due (kind, due_at) WHERE NOT parked;
CREATE INDEX due_engagement ON due (engagement_id, lead_id);
`;

const GRANTS = [
  grantSql({ app: 'select, insert', worker: 'select, delete' }, 'outbox'),
  grantSql({ app: 'select', worker: 'select, insert, delete', consumers: 'select' }, 'log'),
  grantSql({ app: 'select, insert, update', worker: 'select, insert, update', consumers: 'select' }, 'cursor'),
  grantSql({ app: 'select, insert', worker: 'select, delete' }, 'inbox'),
  grantSql({ app: 'select, insert, update, delete', worker: 'select, update, delete' }, 'held'),
  grantSql({ app: 'select, insert', worker: 'select' }, 'tombstone'),
  grantSql({ app: 'select, insert, update, delete', worker: 'select, insert, update, delete' }, 'due'),
  ...['outbox', 'log', 'held', 'due'].map((table) =>
    grantSql({ count: 'select (engagement_id, lead_id, key)' }, table),
  ),
];
