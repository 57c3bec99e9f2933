import 'reflect-metadata';
import { agency, inviteFirstAdmin } from '@avtala/agency';
import { openDb } from '@avtala/database';
import { installationSecret, parseConfig, prepare, RuntimeEnv } from '@avtala/runtime';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openClusters } from './clusters.js';

/** `npm run first-admin -- name@company.example`: prints a link that makes the first admin, for there is no default account
 * (security.md §1.3 rule 7). It works once and for 72 hours; the command refuses as soon as there is an admin. Runs beside live services. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const email = process.argv[2];
  if (!email?.includes('@')) throw new Error('Usage: npm run first-admin -- name@company.example');
  const dataDir = resolve(process.env.AVTALA_DATA_DIR ?? '.data');
  const clusters = await openClusters(dataDir);
  if (clusters) {
    process.env.AVTALA_DATABASE_URL = clusters.databaseUrl;
    process.env.AVTALA_KEYS_URL = clusters.keysUrl;
  }
  process.env.AVTALA_SECRETS_DIR ??= join(dataDir, 'secrets');
  try {
    const env = parseConfig(RuntimeEnv, process.env);
    const { urls } = await prepare([agency], env);
    const db = await openDb({ schema: agency.schema, urls: urls.get(agency.name)! });
    try {
      const token = await inviteFirstAdmin(db, installationSecret(env.AVTALA_SECRETS_DIR, 'auth.secret'), email);
      console.log(`${env.AVTALA_ORIGIN ?? `http://${env.HOST}:${env.PORT}`}/invitation#${token}`);
    } finally {
      await db.close();
    }
  } finally {
    if (clusters && !clusters.adopted) await clusters.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
