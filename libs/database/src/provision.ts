import { createHmac } from 'node:crypto';
import pg from 'pg';
import type { DbUrls } from './db.js';
import { CONSUMERS, identifier } from './policies.js';

const TIMEOUTS = { statement_timeout: '30s', idle_in_transaction_session_timeout: '15s' };

/**
 * Creates a service's schema and roles in the database `adminUrl` names; safe to repeat and to run at the same time elsewhere.
 * For schema x: `x_owner` NOLOGIN owns everything; `x_migrator` logs in as x_owner; `x_app` (scoped by row-level security),
 * `x_worker` (work tables), `x_count` (BYPASSRLS, no grant on any table by default). Roles belong to the whole cluster,
 * passwords are HMAC(roleSecret, role): the same secret must be used for every database of a cluster.
 * Functions are not executable by PUBLIC: grant them (`grantSql`).
 * @param adminUrl a superuser's URL, used here and nowhere else
 */
export async function provision(adminUrl: string, schema: string, roleSecret: string): Promise<DbUrls> {
  identifier(schema);
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    // Roles are shared by all databases of a cluster, advisory locks are not; this lock is. It does not hinder sign-ins.
    await client.query('LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE');
    if (!(await isProvisioned(client, schema, roleSecret))) {
      await createRoles(client, schema, roleSecret);
      await restrict(client, schema);
      await client.query(`COMMENT ON SCHEMA ${schema} IS '${markOf(roleSecret)}'`);
    }
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  return urlsOf(adminUrl, schema, roleSecret);
}

/** The URLs `provision` returns, without connecting. */
export function urlsOf(adminUrl: string, schema: string, roleSecret: string): DbUrls {
  const url = (role: string) => {
    const u = new URL(adminUrl);
    u.username = role;
    u.password = passwordOf(roleSecret, role);
    return u.href;
  };
  return {
    app: url(`${schema}_app`),
    worker: url(`${schema}_worker`),
    count: url(`${schema}_count`),
    owner: url(`${schema}_migrator`),
  };
}

/** Of the statements below and the secret: whoever changes either provisions anew. Each role's password costs PostgreSQL 4096 rounds of a hash,
 * 24 of them at every start. */
function markOf(roleSecret: string): string {
  const statements = `${createRoles}${restrict}${JSON.stringify(TIMEOUTS)}`;
  return `provisioned ${createHmac('sha256', roleSecret).update(statements).digest('base64url')}`;
}

/** The mark stands in this database and the roles in the cluster: a database restored elsewhere has one without the other. */
async function isProvisioned(client: pg.Client, schema: string, roleSecret: string): Promise<boolean> {
  const { rows } = await client.query<{ mark: string | null; logins: string }>(
    `SELECT obj_description(n.oid, 'pg_namespace') AS mark,
            (SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname = any($2)) AS logins
       FROM pg_namespace n WHERE n.nspname = $1`,
    [schema, ['migrator', 'app', 'worker', 'count'].map((role) => `${schema}_${role}`)],
  );
  return rows[0]?.mark === markOf(roleSecret) && rows[0].logins === '4';
}

function passwordOf(roleSecret: string, role: string): string {
  return createHmac('sha256', roleSecret).update(role).digest('base64url');
}

async function createRoles(client: pg.Client, schema: string, roleSecret: string): Promise<void> {
  const x = (suffix: string) => `${schema}_${suffix}`;
  const plain = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION';
  const login = (role: string) => `LOGIN PASSWORD '${passwordOf(roleSecret, role)}'`; // base64url: no quote in it
  const roles: Record<string, string> = {
    [CONSUMERS]: `${plain} NOLOGIN NOBYPASSRLS`,
    [x('owner')]: `${plain} NOLOGIN NOBYPASSRLS`,
    [x('migrator')]: `${plain} ${login(x('migrator'))} BYPASSRLS INHERIT`,
    [x('app')]: `${plain} ${login(x('app'))} NOBYPASSRLS NOINHERIT`,
    [x('worker')]: `${plain} ${login(x('worker'))} NOBYPASSRLS NOINHERIT`,
    [x('count')]: `${plain} ${login(x('count'))} BYPASSRLS NOINHERIT`,
  };
  const known = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = any($1)', [
    Object.keys(roles),
  ]);
  const exists = new Set(known.rows.map((r) => r.rolname));
  for (const [role, options] of Object.entries(roles))
    await client.query(`${exists.has(role) ? 'ALTER' : 'CREATE'} ROLE ${role} ${options}`);

  await client.query(`GRANT ${x('owner')} TO ${x('migrator')} WITH INHERIT TRUE, SET TRUE`);
  await client.query(`ALTER ROLE ${x('migrator')} SET role = '${x('owner')}'`); // whatever it creates, x_owner owns
  await client.query(`GRANT ${CONSUMERS} TO ${x('app')}, ${x('worker')} WITH INHERIT TRUE, SET FALSE`);
  for (const role of ['migrator', 'app', 'worker', 'count']) {
    // pg_temp is searched first unless named: named last, no temporary table can stand in for ours
    await client.query(`ALTER ROLE ${x(role)} SET search_path = ${schema}, pg_temp`);
    if (role === 'migrator') continue;
    for (const [name, value] of Object.entries(TIMEOUTS))
      await client.query(`ALTER ROLE ${x(role)} SET ${name} = '${value}'`);
  }
}

async function restrict(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  const database = rows[0]!.name;
  const logins = ['migrator', 'app', 'worker', 'count'].map((role) => `${schema}_${role}`).join(', ');
  await client.query(`
    REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database} TO ${logins};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
    CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${schema}_owner;
    REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${schema} TO ${schema}_app, ${schema}_worker, ${schema}_count, ${CONSUMERS};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${schema}_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
  `);
}
