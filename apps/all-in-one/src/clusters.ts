import { createDatabase, startCluster } from '@avtala/database';
import { join } from 'node:path';

/** The two embedded PostgreSQL servers: one for data, one for keys, so that the key store's backups can be short (architecture.md §6). */
export interface Clusters {
  readonly databaseUrl: string;
  readonly keysUrl: string;
  /** Directory outside the project when the project's own cannot be reached by the system user PostgreSQL runs as. */
  readonly moved: string | undefined;
  /** They ran already: whoever started them stops them. */
  readonly adopted: boolean;
  readonly where: { readonly data: string; readonly keys: string };
  stop(): Promise<void>;
}

/** @returns undefined when AVTALA_DATABASE_URL names a server that somebody else runs */
export async function openClusters(dataDir: string): Promise<Clusters | undefined> {
  if (process.env.AVTALA_DATABASE_URL) return undefined;
  const [data, keys] = await Promise.all([
    startCluster({ dir: join(dataDir, 'postgres') }),
    startCluster({ dir: join(dataDir, 'keystore'), settings: { max_connections: '60', shared_buffers: '16MB' } }),
  ]);
  return {
    databaseUrl: await createDatabase(data.url, 'avtala'),
    keysUrl: await createDatabase(keys.url, 'keys'),
    moved: data.moved ? data.dir : undefined,
    adopted: data.adopted || keys.adopted,
    where: { data: data.dir, keys: keys.dir },
    stop: async () => void (await Promise.all([data.stop(), keys.stop()])),
  };
}
