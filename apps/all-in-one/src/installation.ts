import { parseConfig, RuntimeEnv } from '@avtala/runtime';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openClusters } from './clusters.js';

/** What a command needs that runs beside live services, or without them. */
export interface Installation {
  readonly env: RuntimeEnv;
  /** Stops what this command started, and nothing that ran before. */
  close(): Promise<void>;
}

/** Reads `.env`, adopts or starts the embedded PostgreSQL where no other is configured, and parses the configuration.
 * @throws ConfigInvalid naming what is missing or wrong */
export async function openInstallation(): Promise<Installation> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const dataDir = resolve(process.env.AVTALA_DATA_DIR ?? '.data');
  const clusters = await openClusters(dataDir);
  const close = async () => {
    if (clusters && !clusters.adopted) await clusters.stop();
  };
  if (clusters) {
    process.env.AVTALA_DATABASE_URL = clusters.databaseUrl;
    process.env.AVTALA_KEYS_URL = clusters.keysUrl;
  }
  process.env.AVTALA_SECRETS_DIR ??= join(dataDir, 'secrets');
  try {
    return { env: parseConfig(RuntimeEnv, process.env), close };
  } catch (error) {
    await close();
    throw error;
  }
}
