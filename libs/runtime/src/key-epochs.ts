import { log } from '@avtala/observability';
import { openVault } from '@avtala/vault';
import type { Prepared } from './prepare.js';

/** Looks every hour whether the key epoch has lasted its week, and ends it: until then, copies of erased keys in WAL and backups of the key
 * store could still be opened (E3, security.md §3.4). Real time. Several processes may look: one closes.
 * @returns stops looking */
export async function keepEpochs(prepared: Prepared): Promise<() => Promise<void>> {
  const vault = await openVault({ url: prepared.vault.keeper, keyDir: prepared.kekDir });
  let looking: Promise<unknown> = Promise.resolve();
  const look = () => {
    looking = vault.closeEpochWhenDue().then(
      (closed) => closed && log.info('epoch.closed', { epoch: closed.closed, rows: closed.survivors }),
      (error: unknown) => log.warn('epoch.not-closed', {}, error),
    );
  };
  const timer = setInterval(look, 3_600_000).unref();
  look();
  return async () => {
    clearInterval(timer);
    await looking;
    await vault.close();
  };
}
