import { grantSql, type MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Search by name on encrypted leads (security.md §3.5): tokens on the row, one function to read them by. */
class NameSearch1795600000000 implements MigrationInterface {
  readonly name = 'NameSearch1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMN);
    // Owned by the migrating login, which row-level security does not limit: under a policy no array operator is an index condition.
    // What the policy would say, the function says itself (docs/adr/0016).
    await runner.query(`SET ROLE NONE; ${SEARCH} SET ROLE lead_intake_owner`);
    await runner.query(BACKFILL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'SET ROLE NONE; DROP FUNCTION leads_by_name(uuid[], int[], int[], int[], int[], int); SET ROLE lead_intake_owner',
    );
    await runner.query('ALTER TABLE lead DROP COLUMN name_tokens');
  }
}

export const nameSearchMigration: MigrationClass = NameSearch1795600000000;

const COLUMN = `
ALTER TABLE lead ADD COLUMN name_tokens int[];   -- words and prefixes under the pepper, 32 bits each; null = not computed yet
ALTER TABLE lead ALTER COLUMN name_tokens SET STATISTICS 0;
CREATE INDEX lead_name_tokens ON lead USING gin (name_tokens) WITH (fastupdate = on);
CREATE INDEX lead_without_tokens ON lead (id) WHERE name_tokens IS NULL;
`;

const SEARCH = `
CREATE FUNCTION leads_by_name(engagements uuid[], first int[], second int[], third int[], whole int[], most int)
RETURNS TABLE (engagement_id uuid, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $search$
BEGIN
  IF engagements IS NULL OR NOT engagements <@ coalesce(nullif(current_setting('app.engagements', true), ''), '{}')::uuid[] THEN
    RAISE insufficient_privilege USING MESSAGE = 'engagement outside the scope';
  END IF;
  RETURN QUERY SELECT l.engagement_id, l.id FROM lead l
    WHERE l.engagement_id = ANY (engagements) AND l.name_tokens && first AND l.name_tokens && second AND l.name_tokens && third
    ORDER BY l.name_tokens @> whole DESC, l.id DESC LIMIT most;
END $search$;
REVOKE ALL ON FUNCTION leads_by_name(uuid[], int[], int[], int[], int[], int) FROM PUBLIC;
${grantSql({ app: 'execute' }, 'function leads_by_name(uuid[], int[], int[], int[], int[], int)')}
`;

// One row per engagement; its work ends at once where there is nothing to compute.
const BACKFILL = `
INSERT INTO due (kind, key, engagement_id, due_at, background)
SELECT 'index-names', id::text, id, now(), true FROM engagement WHERE erasing IS NULL
ON CONFLICT DO NOTHING;
`;
