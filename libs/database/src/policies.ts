/**
 * NOLOGIN role that every service's `x_app` and `x_worker` inherit from: what it is granted, all consumers may read.
 * libs/messaging: `grantSql({ consumers: 'select' }, 'log')` lets other services read this owner's log, and the same on
 * `cursor` lets the owner's worker see how far its consumers are before it prunes. USAGE on each schema comes with `provision`.
 */
export const CONSUMERS = 'avtala_consumers';

const IN_SCOPE = `engagement_id = any ((select nullif(current_setting('app.engagements', true), '')::uuid[])::uuid[])`;

/**
 * ENABLE + FORCE row-level security and the policy `scope` (security.md §2.2) for a table with `engagement_id`.
 * The inner select makes PostgreSQL read the setting once per query, nullif handles the empty string left by the first
 * use of the setting, the outer cast avoids `uuid = uuid[]`.
 * @param table unqualified name, as in the migration
 */
export function scopePolicySql(table: string): string {
  const name = identifier(table);
  return `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON ${name} USING (${IN_SCOPE}) WITH CHECK (${IN_SCOPE});`;
}

/** What each role may do. A column list is allowed where PostgreSQL allows it: `count: 'select (id, lead_id)'`. */
export interface Rights {
  readonly app?: string;
  readonly worker?: string;
  readonly count?: string;
  readonly consumers?: string;
}

/**
 * GRANT statements for a migration. Role names come from the schema the migration runs in, so one migration fits every service.
 * Functions too: `provision` takes EXECUTE from PUBLIC, so name who may call: `grantSql({ app: 'execute' }, 'function f(uuid)')`.
 * @param on table name, or any object as GRANT names it
 */
export function grantSql(rights: Rights, on: string): string {
  const statements = (['app', 'worker', 'count', 'consumers'] as const).flatMap((role) => {
    const right = rights[role];
    if (!right) return [];
    if (!/^[a-z_ ,()]+$/i.test(right) || !/^[a-z0-9_ ,()."[\]]+$/i.test(on))
      throw new TypeError(`Not a GRANT: ${right}`);
    const to = role === 'consumers' ? `'${CONSUMERS}'` : `quote_ident(current_schema() || '_${role}')`;
    return [`EXECUTE 'GRANT ${right} ON ${on} TO ' || ${to};`];
  });
  return `DO $grants$ BEGIN ${statements.join(' ')} END $grants$;`;
}

export function identifier(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new TypeError(`Not a plain lower-case name: ${name}`);
  return name;
}
