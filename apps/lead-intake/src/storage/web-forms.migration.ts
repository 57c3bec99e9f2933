import { grantSql, scopePolicySql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SCOPED = ['web_form', 'web_submission', 'consent_entry'] as const;

/** Public web forms (C7), what was sent through them and is not confirmed yet, the consent ledger (B4), and what abuse is counted by (B9). */
class WebForms1795700000300 implements MigrationInterface {
  readonly name = 'WebForms1795700000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of SCOPED) {
      await runner.query(scopePolicySql(table));
      await runner.query(grantSql({ app: 'select, insert, update, delete', count: 'select (engagement_id)' }, table));
    }
    await runner.query(grantSql({ count: 'select (lead_id)' }, 'consent_entry'));
    await runner.query(grantSql({ app: 'select, insert, update, delete' }, 'form_use'));
    await runner.query(grantSql({ app: 'select, insert, delete' }, 'form_token'));
    await runner.query(grantSql({ app: 'insert', count: 'select (engagement_id)' }, 'form_home'));
    await runner.query(HOMES);
    for (const f of ['form_home_of(uuid)', 'forget_forms(uuid)'])
      await runner.query(grantSql({ app: 'execute' }, `function ${f}`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION form_home_of(uuid), forget_forms(uuid);
      DROP TABLE form_token, form_use, consent_entry, web_submission, web_form, form_home`);
  }
}

export const webFormsMigration: MigrationClass = WebForms1795700000300;

const TABLES = `
CREATE TABLE web_form (                            -- texts for the public; no person in it
  engagement_id uuid NOT NULL, id uuid NOT NULL,
  name text NOT NULL, language text NOT NULL CHECK (language IN ('sv', 'en')),
  consent_version text NOT NULL, consent_wording text NOT NULL,
  marketing_version text, marketing_wording text,
  origins text[] NOT NULL,                         -- pages it may be sent from
  created_by uuid NOT NULL, created_at timestamptz NOT NULL, closed_at timestamptz,
  PRIMARY KEY (engagement_id, id),
  CHECK ((marketing_version IS NULL) = (marketing_wording IS NULL))
);

CREATE TABLE web_submission (                      -- nobody's lead yet: not called, not synced, and gone after seven days
  engagement_id uuid NOT NULL, id uuid NOT NULL, form_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'mailed', 'undeliverable', 'confirmed')),
  sealed bytea,                                    -- under a key of its own, AAD submission:<id>; null once it was confirmed
  submitted_at timestamptz NOT NULL,
  real_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- Date of its mail, the same however often it is sent
  PRIMARY KEY (id, engagement_id),
  CHECK ((sealed IS NULL) = (state = 'confirmed'))
);
CREATE INDEX web_submission_engagement ON web_submission (engagement_id, submitted_at);
ALTER TABLE web_submission ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN sealed SET STATISTICS 0;

CREATE TABLE consent_entry (                       -- the consent ledger: what was agreed to, when, how, and what proves it
  engagement_id uuid NOT NULL, id uuid NOT NULL, lead_id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('contact', 'marketing')),
  version text NOT NULL, wording text NOT NULL, how text NOT NULL, proof text NOT NULL,
  given_at timestamptz NOT NULL, withdrawn_at timestamptz,
  PRIMARY KEY (engagement_id, id)
);
CREATE INDEX consent_entry_lead ON consent_entry (lead_id, engagement_id);

CREATE TABLE form_home (form_id uuid PRIMARY KEY, engagement_id uuid NOT NULL);
CREATE INDEX form_home_engagement ON form_home (engagement_id);

-- Real time, keyed hashes, days: they know no form's submission and no lead (B9).
CREATE TABLE form_use (bucket bytea NOT NULL, hour timestamptz NOT NULL, n int NOT NULL, PRIMARY KEY (bucket, hour));
CREATE INDEX form_use_hour ON form_use (hour);
CREATE TABLE form_token (nonce bytea PRIMARY KEY, used_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX form_token_used ON form_token (used_at);
`;

// As lead_home: no row-level security, since it answers "which engagement?"; hence no SELECT on it, only these.
const HOMES = `
CREATE FUNCTION form_home_of(form uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$ SELECT h.engagement_id FROM form_home h WHERE h.form_id = form $$;

CREATE FUNCTION forget_forms(engagement uuid) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS
$$ WITH gone AS (DELETE FROM form_home h WHERE h.engagement_id = engagement RETURNING 1) SELECT count(*)::int FROM gone $$;
`;
