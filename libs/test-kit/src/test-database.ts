import { createHash, randomBytes } from 'node:crypto';
import {
  createDatabase,
  Db,
  dropDatabase,
  migrate,
  openDb,
  provision,
  type DbUrls,
  type EntityClass,
  type MigrationClass,
} from '@avtala/database';
import pg from 'pg';

/** One service's part of a test database. */
export interface TestSchema {
  readonly schema: string;
  readonly migrations?: readonly MigrationClass[];
  readonly entities?: readonly EntityClass[];
}

/** Roles belong to the whole cluster, so every test must provision with this secret. */
export const TEST_ROLE_SECRET = 'role-secret-of-tests';

/**
 * A fresh database for one test file on the run's PostgreSQL, migrated once per run and cloned from then on.
 * Several schemas = several services in one database, as on one machine.
 * `afterAll(() => database.close())` removes it.
 */
export async function testDatabase(...schemas: [TestSchema, ...TestSchema[]]): Promise<TestDatabase> {
  const server = testServerUrl();
  const template = await templateOf(server, schemas);
  const name = `t_${randomBytes(8).toString('hex')}`;
  const adminUrl = await createDatabase(server, name, template);
  const parts = new Map<string, { urls: DbUrls; db: Db }>();
  for (const { schema, entities } of schemas) {
    const urls = await provision(adminUrl, schema, TEST_ROLE_SECRET); // who may connect is not part of a clone
    parts.set(schema, { urls, db: await openDb({ schema, urls, entities }) });
  }
  return new TestDatabase(adminUrl, name, parts);
}

/** Superuser's URL of the PostgreSQL this run started (tools/jest-servers.mjs). */
export function testServerUrl(): string {
  const url = process.env['AVTALA_TEST_PG'];
  if (!url) throw new Error('No PostgreSQL for tests: name the file x.int.spec.ts and run it with AVTALA_TESTS=int');
  return url;
}

export class TestDatabase {
  private readonly superuser = new pg.Pool({ connectionString: this.adminUrl, max: 2 }).on('error', () => undefined);

  constructor(
    /** Superuser's URL of this database, for `catalogProblems` and for looking past row-level security. */
    readonly adminUrl: string,
    private readonly name: string,
    private readonly parts: ReadonlyMap<string, { urls: DbUrls; db: Db }>,
  ) {}

  /** @param schema may be left out when there is one */
  db(schema?: string): Db {
    return this.part(schema).db;
  }

  /** @param schema may be left out when there is one */
  urls(schema?: string): DbUrls {
    return this.part(schema).urls;
  }

  /** Runs a statement as superuser, past every policy, and returns its rows: for arranging and for checking. Name tables with their schema. */
  async sql<T extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.superuser.query(text, values)).rows as T[];
  }

  async close(): Promise<void> {
    await Promise.all([...this.parts.values()].map((p) => p.db.close()));
    await this.superuser.end();
    await dropDatabase(testServerUrl(), this.name);
  }

  private part(schema: string | undefined): { urls: DbUrls; db: Db } {
    const found = schema === undefined ? [...this.parts.values()][0] : this.parts.get(schema);
    if (!found) throw new Error(`This test database has no schema ${schema}`);
    return found;
  }
}

/** The migrated database that tests with the same migrations copy: made once, by whoever comes first. */
async function templateOf(server: string, schemas: readonly TestSchema[]): Promise<string> {
  const hash = createHash('sha256').update(process.env['AVTALA_TEST_RUN'] ?? '');
  for (const { schema, migrations = [] } of schemas)
    hash.update(`\0${schema}`).update(migrations.map((m) => `${m.name}${String(m)}`).join('\0'));
  const name = `template_${hash.digest('hex').slice(0, 16)}`;

  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(4713, hashtext($1))', [name]);
    const done = await client.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [name]);
    if (done.rowCount) return name;
    await dropDatabase(server, name); // left half made by a run that was killed
    const url = await createDatabase(server, name);
    for (const { schema, migrations = [] } of schemas) {
      const urls = await provision(url, schema, TEST_ROLE_SECRET);
      if (migrations.length) await migrate(urls, schema, migrations);
    }
    await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true ALLOW_CONNECTIONS false`);
    return name;
  } finally {
    await client.end();
  }
}
