import { provisionWitness, witnessUrl } from '@avtala/audit';
import { migrate, provision, urlsOf, type DbUrls } from '@avtala/database';
import { provisionVault, vaultUrlsOf, type VaultUrls } from '@avtala/vault';
import { join } from 'node:path';
import type { RuntimeEnv } from './env.js';
import { installationSecret } from './secrets.js';
import type { ServiceDefinition } from './service-definition.js';

export interface Prepared {
  readonly urls: ReadonlyMap<string, DbUrls>;
  readonly vault: VaultUrls;
  readonly kekDir: string;
  /** Who remembers the audit trails' checkpoints; left out in tests of one service: nobody does. */
  readonly witness?: string;
}

/** Schemas, roles, migrations and the key store, in place before anybody starts: a consumer reads the logs of the others.
 * Safe to repeat, and to run in several processes at once. With AVTALA_PROVISION=off only the migrations, as each schema's own migrator. */
export async function prepare(definitions: readonly ServiceDefinition[], env: RuntimeEnv): Promise<Prepared> {
  const roleSecret = installationSecret(env.AVTALA_SECRETS_DIR, 'roles.secret');
  const make = env.AVTALA_PROVISION === 'on';
  const vault = make
    ? provisionVault(env.AVTALA_KEYS_URL, roleSecret)
    : Promise.resolve(vaultUrlsOf(env.AVTALA_KEYS_URL, roleSecret));
  const witness = make
    ? provisionWitness(env.AVTALA_KEYS_URL, roleSecret)
    : Promise.resolve(witnessUrl(env.AVTALA_KEYS_URL, roleSecret));
  for (const begun of [vault, witness]) begun.catch(() => undefined); // awaited below; a failure before that must not count as unhandled
  const urls = new Map<string, DbUrls>();
  for (const { name, schema } of definitions)
    urls.set(name, await (make ? provision : urlsOf)(env.AVTALA_DATABASE_URL, schema, roleSecret));
  await Promise.all(definitions.map((d) => migrate(urls.get(d.name)!, d.schema, [...d.migrations])));
  return {
    urls,
    vault: await vault,
    kekDir: join(env.AVTALA_SECRETS_DIR, 'keys'),
    witness: await witness,
  };
}
