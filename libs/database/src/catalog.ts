import pg from 'pg';
import { identifier } from './policies.js';

/** Tables that carry an engagement id without row-level security, and why that is right. */
const UNSCOPED: Record<string, string> = {
  lead_home: 'which partition a lead is in: read only through functions that return one engagement',
  form_home: 'which engagement a public form is of: read only through functions that return one engagement',
  host_slot: 'a host may serve two engagements: read only through functions that return slots without names',
  outbox: 'work of the relay, ids and facts only',
  log: 'work of the consumers, ids and facts only',
  held: 'work of the consumers, ids and facts only',
  due: 'work of the timers, ids and times only',
  tombstone: 'ids only; asked before any scope is known',
  membership: 'who may enter what: scopes are computed from it; ids only',
  engagement_home: 'which engagements there are: read only through agency.principal()',
  api_key: 'found by the hash of a key, which says whose it is; no personal data',
  idempotency: 'found by principal and key; no body in it',
  audit_entry: 'x_app may only insert',
};

/**
 * What in a migrated schema would let rows of one engagement reach another; empty when nothing. For each service's catalog test.
 * @param adminUrl a superuser's URL
 */
export async function catalogProblems(adminUrl: string, schema: string): Promise<string[]> {
  identifier(schema);
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ problem: string }>(CHECKS, [schema, Object.keys(UNSCOPED)]);
    return rows.map((r) => r.problem).sort();
  } finally {
    await client.end();
  }
}

const CHECKS = `
WITH rel AS (
  SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1
), scoped AS (
  SELECT r.* FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'engagement_id' AND NOT a.attisdropped
  WHERE r.relkind IN ('r', 'p') AND r.relname <> ALL ($2::text[])
)
SELECT relname || ': row-level security is not enabled' AS problem FROM scoped WHERE NOT relrowsecurity
UNION ALL SELECT relname || ': row-level security is not forced on the owner' FROM scoped WHERE NOT relforcerowsecurity
UNION ALL SELECT relname || ': no policy' FROM scoped s WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = s.oid)
UNION ALL SELECT relname || ': the app role may read it without a scope' FROM rel
  WHERE relname = 'audit_entry' AND has_table_privilege($1 || '_app', oid, 'select, update, delete')
UNION ALL SELECT relname || ': a partition has grants' FROM rel r WHERE r.relispartition AND r.relkind IN ('r', 'p')
  AND EXISTS (SELECT FROM aclexplode(r.relacl) g WHERE g.grantee <> r.relowner)
UNION ALL SELECT relname || ': has a DEFAULT partition' FROM rel r JOIN pg_partitioned_table t ON t.partrelid = r.oid WHERE t.partdefid <> 0
UNION ALL SELECT relname || ': a view that is not security_invoker' FROM rel
  WHERE relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false)
UNION ALL SELECT relname || ': not owned by ' || $1 || '_owner' FROM rel
  WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(relowner) <> $1 || '_owner'
UNION ALL SELECT p.proname || ': a SECURITY DEFINER function without its own search_path'
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND p.prosecdef AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')
UNION ALL SELECT p.proname || ': executable by PUBLIC' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) g WHERE g.grantee = 0))
UNION ALL SELECT r.rolname || ': may do more than it should' FROM pg_roles r
  WHERE r.rolname IN ($1 || '_app', $1 || '_worker') AND (r.rolsuper OR r.rolbypassrls OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication)
`;
