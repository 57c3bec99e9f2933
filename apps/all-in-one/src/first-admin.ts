import 'reflect-metadata';
import { agency, inviteFirstAdmin } from '@avtala/agency';
import { openDb } from '@avtala/database';
import { installationSecret, prepare } from '@avtala/runtime';
import { openInstallation } from './installation.js';

/** `npm run first-admin -- name@company.example`: prints a link that makes the first admin, for there is no default account
 * (security.md §1.3 rule 7). It works once and for 72 hours; the command refuses as soon as there is an admin. Runs beside live services. */
async function main(): Promise<void> {
  const email = process.argv[2];
  if (!email?.includes('@')) throw new Error('Usage: npm run first-admin -- name@company.example');
  const installation = await openInstallation();
  const { env } = installation;
  try {
    const { urls } = await prepare([agency], env);
    const db = await openDb({ schema: agency.schema, urls: urls.get(agency.name)! });
    try {
      const token = await inviteFirstAdmin(db, installationSecret(env.AVTALA_SECRETS_DIR, 'auth.secret'), email);
      console.log(`${env.AVTALA_ORIGIN ?? `http://${env.HOST}:${env.PORT}`}/invitation#${token}`);
    } finally {
      await db.close();
    }
  } finally {
    await installation.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
