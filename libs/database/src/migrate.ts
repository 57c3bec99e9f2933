import { DataSource, type MigrationInterface } from 'typeorm';
import type { DbUrls } from './db.js';

/** Plain SQL, as a class named `<Name><13-digit timestamp>`; runs as x_owner with the service's search_path. */
export type MigrationClass = new () => MigrationInterface;

/**
 * Applies what is missing, in the order of the timestamps, all in one transaction; two starting processes take turns.
 * Data in scoped tables: `RESET ROLE` makes the rest of a migration run as the login, which row-level security does not limit.
 */
export async function migrate(urls: DbUrls, schema: string, migrations: readonly MigrationClass[]): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: urls.owner,
    applicationName: `${schema}_migrator`,
    migrations: [...migrations],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
    installExtensions: false,
    extra: { max: 2 },
  });
  await source.initialize();
  try {
    const lock = source.createQueryRunner();
    try {
      await lock.query('SELECT pg_advisory_lock(4710, hashtext($1))', [schema]); // gone with the connection at the latest
      await source.runMigrations();
      await lock.query('SELECT pg_advisory_unlock(4710, hashtext($1))', [schema]);
    } finally {
      await lock.release();
    }
  } finally {
    await source.destroy();
  }
}
