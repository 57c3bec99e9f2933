import pg from 'pg';
import { identifier } from './policies.js';
import { sqlState } from './sql-errors.js';

/**
 * Creates a database unless it exists.
 * @param adminUrl a superuser's URL, of any database of the cluster
 * @param template database to copy; nobody may be connected to it
 * @returns the superuser's URL of the new database
 */
export async function createDatabase(adminUrl: string, name: string, template = 'template0'): Promise<string> {
  await asAdmin(adminUrl, async (admin) => {
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return;
    await admin
      .query(`CREATE DATABASE ${identifier(name)} TEMPLATE ${identifier(template)}`)
      .catch((error: unknown) => {
        if (!['42P04', '23505'].includes(sqlState(error) ?? '')) throw error; // another process was quicker
      });
  });
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Removes a database and throws out whoever uses it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await asAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`));
}

async function asAdmin(adminUrl: string, fn: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await fn(admin);
  } finally {
    await admin.end();
  }
}
