import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createDatabase, dropDatabase } from '../src/databases.js';
import { type Db, type DbUrls, openDb } from '../src/db.js';
import { migrate, type MigrationClass } from '../src/migrate.js';
import { provision } from '../src/provision.js';

/** The same for every test of a run, since roles are shared by the databases of a cluster (see test-kit). */
export const SECRET = 'role-secret-of-tests';

/** A database for this library's own tests; other projects use test-kit, which depends on us. */
export class FreshDatabase {
  readonly closing: (() => Promise<unknown>)[] = [];
  private constructor(
    readonly adminUrl: string,
    readonly admin: pg.Client,
  ) {}

  static async create(): Promise<FreshDatabase> {
    const server = process.env['AVTALA_TEST_PG'];
    if (!server) throw new Error('Run with AVTALA_TESTS=int');
    const name = `d_${randomBytes(8).toString('hex')}`;
    const url = await createDatabase(server, name);
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    const fresh = new FreshDatabase(url, admin);
    fresh.closing.push(
      () => admin.end(),
      () => dropDatabase(server, name),
    );
    return fresh;
  }

  async service(schema: string, ...migrations: MigrationClass[]): Promise<DbUrls> {
    const urls = await provision(this.adminUrl, schema, SECRET);
    if (migrations.length) await migrate(urls, schema, migrations);
    return urls;
  }

  async db(schema: string, urls: DbUrls, pool = { app: 3, worker: 2, count: 1 }): Promise<Db> {
    const db = await openDb({ schema, urls, pool });
    this.closing.unshift(() => db.close());
    return db;
  }

  /** A bare connection, as somebody would have who goes around the helper. */
  async bare(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    this.closing.unshift(() => client.end());
    return client;
  }

  async close(): Promise<void> {
    for (const end of this.closing) await end();
  }
}

/** A migration from SQL text. */
export function migration(...statements: string[]): MigrationClass {
  return class Made1700000000000 {
    async up(runner: { query(sql: string): Promise<unknown> }) {
      for (const sql of statements) await runner.query(sql);
    }
    async down() {}
  };
}
