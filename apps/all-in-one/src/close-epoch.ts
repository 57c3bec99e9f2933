import { parseConfig, prepare, RuntimeEnv } from '@avtala/runtime';
import { openVault } from '@avtala/vault';
import { resolve, join } from 'node:path';
import { openClusters } from './clusters.js';

/** `npm run close-epoch`: ends the current key epoch at once (security.md §3.4). Keys still in use are re-wrapped under a new KEK; the old
 * KEK is destroyed, and with it every copy of a key that was erased since, in WAL and backups too. Scheduled weekly; by hand for a
 * priority erasure. Runs beside live services. */
async function main(): Promise<void> {
  const dataDir = resolve(process.env.AVTALA_DATA_DIR ?? '.data');
  const clusters = await openClusters(dataDir);
  if (clusters) {
    process.env.AVTALA_DATABASE_URL = clusters.databaseUrl;
    process.env.AVTALA_KEYS_URL = clusters.keysUrl;
  }
  process.env.AVTALA_SECRETS_DIR ??= join(dataDir, 'secrets');
  const { vault: urls, kekDir } = await prepare([], parseConfig(RuntimeEnv, process.env));
  const vault = await openVault({ url: urls.keeper, keyDir: kekDir });
  try {
    console.log(JSON.stringify(await vault.closeEpoch()));
  } finally {
    await vault.close();
    if (clusters && !clusters.adopted) await clusters.stop();
  }
}

await main();
