import { grantSql, partitionFunctionsSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dropped with their engagement (referenced tables first). */
const PARTITIONED = ['provenance', 'lead', 'activity', 'import_row'] as const;
const SCOPED = ['import', 'reject'] as const;

/** Tables of lead-intake: the one home of personal data. Names, addresses and notes are only ever in `sealed` columns, under the lead's own key. */
class LeadIntake1795392100000 implements MigrationInterface {
  readonly name = 'LeadIntake1795392100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of [...PARTITIONED, ...SCOPED]) await runner.query(scopePolicySql(table));
    await runner.query(partitionFunctionsSql(PARTITIONED));
    await runner.query(HOMES);
    for (const sql of GRANTS) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE reject, import, import_row, activity, lead, provenance, lead_home, suppression, engagement CASCADE',
    );
  }
}

export const leadIntakeMigration: MigrationClass = LeadIntake1795392100000;

// STATISTICS 0: pg_statistic would keep samples of values after their rows are gone (protocols.md §10).
// engagement_id goes last in keys: a partition holds one engagement, so a leading engagement_id selects nothing there, and a planner without
// statistics takes any index that starts with it (measured: 1.8 s instead of 10 ms to look up a chunk among 2,000 leads).
// STORAGE EXTERNAL: ciphertext does not compress, and compressed text cannot be searched for when proving that it is gone.
const TABLES = `
CREATE TABLE engagement (                      -- copy fed by agency's events; no person in it
  id uuid PRIMARY KEY, client_id uuid NOT NULL,
  version int NOT NULL, time_zone text NOT NULL, assessed boolean NOT NULL, controller text,
  started_at timestamptz NOT NULL, ended_at timestamptz,
  erasing uuid,                                -- the order by which it is being erased
  pepper_version int NOT NULL DEFAULT 1        -- intake takes this row FOR SHARE and hashes with that version
);

CREATE TABLE provenance (                      -- where data came from and on what ground (B2–B4): about the supplier, not the person
  engagement_id uuid NOT NULL, id uuid NOT NULL,
  source text NOT NULL, ground text NOT NULL CHECK (ground IN ('consent', 'contract', 'legitimate-interest')),
  obtained_at timestamptz NOT NULL,
  consent jsonb,                               -- wording, its version, how, when, proof
  PRIMARY KEY (id, engagement_id)
) PARTITION BY LIST (engagement_id);

CREATE TABLE lead (
  engagement_id uuid NOT NULL, id uuid NOT NULL,
  version int NOT NULL DEFAULT 1,              -- leadVersion of the events
  sealed bytea NOT NULL,                       -- the categories of B1, AAD lead:<id>:1
  email_bidx bytea,                            -- strict: search
  merge_bidx bytea,                            -- plus-tag off: the same person
  phone_bidx bytea,
  name_phone_bidx bytea,                       -- the same person without an e-mail
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'interested', 'booked', 'closed', 'objected')),
  restricted boolean NOT NULL DEFAULT false,
  informed_at timestamptz,                     -- B8
  provenance_id uuid NOT NULL,
  obtained_at timestamptz NOT NULL,
  callable_at timestamptz,                     -- business time; null = not called again
  claimed_by uuid, claimed_until timestamptz,  -- real time: one booker at a time
  PRIMARY KEY (id, engagement_id),
  CONSTRAINT one_lead_per_mailbox UNIQUE (merge_bidx, engagement_id),
  CONSTRAINT one_lead_per_name_and_phone UNIQUE (name_phone_bidx, engagement_id)
) PARTITION BY LIST (engagement_id);
CREATE INDEX lead_phone ON lead (phone_bidx);
CREATE INDEX lead_callable ON lead (callable_at, id) WHERE state = 'open' AND NOT restricted;
ALTER TABLE lead ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN sealed SET STATISTICS 0,
  ALTER COLUMN email_bidx SET STATISTICS 0, ALTER COLUMN merge_bidx SET STATISTICS 0,
  ALTER COLUMN phone_bidx SET STATISTICS 0, ALTER COLUMN name_phone_bidx SET STATISTICS 0;

CREATE TABLE activity (
  engagement_id uuid NOT NULL, id uuid NOT NULL, lead_id uuid NOT NULL,
  at timestamptz NOT NULL, user_id uuid, outcome text NOT NULL, informed boolean NOT NULL, callback_at timestamptz,
  sealed bytea,                                -- the note, under the lead's key, AAD activity:<id>:1
  PRIMARY KEY (id, engagement_id)
) PARTITION BY LIST (engagement_id);
CREATE INDEX activity_lead ON activity (lead_id);
ALTER TABLE activity ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN sealed SET STATISTICS 0;

CREATE TABLE import_row (                      -- keyed row hashes that make a file's rerun a no-op; no index by lead: single erasures are rare
  engagement_id uuid NOT NULL, hash bytea NOT NULL, lead_id uuid NOT NULL,
  PRIMARY KEY (hash, engagement_id)
) PARTITION BY LIST (engagement_id);
ALTER TABLE import_row ALTER COLUMN hash SET STATISTICS 0;

CREATE TABLE import (
  id uuid PRIMARY KEY, engagement_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'waiting', 'running', 'done', 'failed')),
  failure text,                                -- a code
  created_by uuid NOT NULL, created_at timestamptz NOT NULL,
  delimiter text, file_bytes bigint,
  sealed_columns bytea,                        -- headers under the import's key: a file without a header row starts with a person
  labels text[],                               -- usual header words of the columns, else null
  fields text[],                               -- the confirmed mapping, in the order of the columns
  provenance_id uuid, ground text, obtained_at timestamptz,
  offered int NOT NULL DEFAULT 0, accepted int NOT NULL DEFAULT 0, merged int NOT NULL DEFAULT 0, refused int NOT NULL DEFAULT 0,
  next_offset bigint NOT NULL DEFAULT 0,       -- bytes of the file behind the last committed chunk
  next_row int NOT NULL DEFAULT 0              -- rows of the file behind it, the header included
);
CREATE INDEX import_engagement ON import (engagement_id);
ALTER TABLE import ALTER COLUMN sealed_columns SET STORAGE EXTERNAL, ALTER COLUMN sealed_columns SET STATISTICS 0;

CREATE TABLE reject (                          -- row, column and reason; never the value
  engagement_id uuid NOT NULL, import_id uuid NOT NULL REFERENCES import (id) ON DELETE CASCADE,
  row int NOT NULL, column_name text, reason text NOT NULL,
  PRIMARY KEY (import_id, row)
);
CREATE INDEX reject_engagement ON reject (engagement_id);

CREATE TABLE suppression (                     -- who said no (B5), by keyed hash, for ever; client null = towards every client
  hash bytea NOT NULL, client_id uuid, kind text NOT NULL, at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (hash, client_id)
);
ALTER TABLE suppression ALTER COLUMN hash SET STATISTICS 0;

CREATE TABLE lead_home (lead_id uuid PRIMARY KEY, engagement_id uuid NOT NULL);
CREATE INDEX lead_home_engagement ON lead_home (engagement_id, lead_id);
`;

// lead_home has no row-level security, since it answers "which engagement?"; hence no SELECT on it, only these.
const HOMES = `
CREATE FUNCTION lead_homes(ids uuid[]) RETURNS TABLE (lead_id uuid, engagement_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$ SELECT h.lead_id, h.engagement_id FROM lead_home h WHERE h.lead_id = ANY (ids) $$;

CREATE FUNCTION leads_of(engagement uuid, after uuid, most int) RETURNS TABLE (lead_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$ SELECT h.lead_id FROM lead_home h WHERE h.engagement_id = engagement AND h.lead_id > after ORDER BY h.lead_id LIMIT most $$;

CREATE FUNCTION forget_homes(engagement uuid, ids uuid[]) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS
$$ WITH gone AS (DELETE FROM lead_home h WHERE h.engagement_id = engagement AND (ids IS NULL OR h.lead_id = ANY (ids)) RETURNING 1)
   SELECT count(*)::int FROM gone $$;
`;

const GRANTS = [
  ...['engagement', ...PARTITIONED, ...SCOPED].map((t) => grantSql({ app: 'select, insert, update, delete' }, t)),
  ...PARTITIONED.map((t) => grantSql({ count: 'select (engagement_id)' }, t)),
  ...['lead'].map((t) => grantSql({ count: 'select (id)' }, t)),
  ...['activity', 'import_row'].map((t) => grantSql({ count: 'select (lead_id)' }, t)),
  ...SCOPED.map((t) => grantSql({ count: 'select (engagement_id)' }, t)),
  grantSql({ count: 'select (id)' }, 'engagement'),
  grantSql({ app: 'select, insert' }, 'suppression'),
  grantSql({ app: 'insert', count: 'select' }, 'lead_home'),
  grantSql({ app: 'execute' }, 'function lead_homes(uuid[])'),
  grantSql({ app: 'execute' }, 'function leads_of(uuid, uuid, int)'),
  grantSql({ app: 'execute' }, 'function forget_homes(uuid, uuid[])'),
];
