import { ConfigInvalid } from './env.js';

const NEEDED = ['AGENCY_NAME', 'AGENCY_ORGANISATION_NUMBER', 'MAIL_FROM', 'MAIL_FROM_NAME', 'SMTP_URL', 'PRIVACY_URL'];

/** What has a made-up default in the sandbox must be said outside it: it stands in invites and notices to real people.
 * @throws ConfigInvalid naming what is missing */
export function refuseMadeUpDefaults(env: Readonly<Record<string, string | undefined>>): void {
  const missing = NEEDED.filter((name) => !env[name]);
  if (missing.length) throw new ConfigInvalid(missing.map((name) => `${name}: needed outside the sandbox`));
}
