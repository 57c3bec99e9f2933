import 'reflect-metadata';
import { IsEmail, IsOptional, IsString, IsUrl } from 'class-validator';
import { migrate, openDb, provision } from '@avtala/database';
import { installationSecret, parseConfig } from '@avtala/runtime';
import { agency } from './definition.js';
import { inviteFirstAdmin } from './services/first-admin.js';
import { invitationLink } from './services/invitation-link.js';

class FirstAdminConfig {
  @IsUrl({ require_tld: false, protocols: ['postgres', 'postgresql'] }) AVTALA_DATABASE_URL!: string;
  @IsString() AVTALA_SECRETS_DIR!: string;
  @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) AVTALA_ORIGIN?: string;
  @IsEmail() email!: string;
}

/** `node apps/agency/dist/first-admin.js name@company.example`, once, on the machine where the services run: prints a link that makes
 * the first admin. It works once and for 72 hours, and the command refuses as soon as there is an admin. */
async function main(): Promise<void> {
  const config = parseConfig(FirstAdminConfig, { ...process.env, email: process.argv[2] });
  const secret = (name: string) => installationSecret(config.AVTALA_SECRETS_DIR, name);
  const urls = await provision(config.AVTALA_DATABASE_URL, agency.schema, secret('roles.secret'));
  await migrate(urls, agency.schema, agency.migrations);
  const db = await openDb({ schema: agency.schema, urls });
  try {
    console.log(invitationLink(config, await inviteFirstAdmin(db, secret('auth.secret'), config.email)));
  } finally {
    await db.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
