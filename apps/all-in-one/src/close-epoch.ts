import { prepare } from '@avtala/runtime';
import { openVault } from '@avtala/vault';
import { openInstallation } from './installation.js';

/** `npm run close-epoch`: ends the current key epoch at once (security.md §3.4). Keys still in use are re-wrapped under a new KEK; the old
 * KEK is destroyed, and with it every copy of a key that was erased since, in WAL and backups too. The services do it weekly; by hand it is for a
 * priority erasure. Runs beside live services. */
async function main(): Promise<void> {
  const installation = await openInstallation();
  try {
    const { vault: urls, kekDir } = await prepare([], installation.env);
    const vault = await openVault({ url: urls.keeper, keyDir: kekDir });
    try {
      console.log(JSON.stringify(await vault.closeEpoch()));
    } finally {
      await vault.close();
    }
  } finally {
    await installation.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
