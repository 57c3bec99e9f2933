import { parseConfig, prepare, RuntimeEnv } from '@avtala/runtime';
import { existsSync } from 'node:fs';
import { SERVICES } from './services.js';

/**
 * `npm run provision`: schemas, roles, migrations and the key store of every service, and the secrets' directory, by an operator's logins.
 * Afterwards each service starts with AVTALA_PROVISION=off and the databases' addresses without any password in them. Safe to repeat.
 */
try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = parseConfig(RuntimeEnv, { ...process.env, AVTALA_PROVISION: 'on' });
  const { urls } = await prepare(SERVICES, env);
  console.log(`Provisioned ${[...urls.keys()].join(', ')} and the key store.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
