import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { ImportRow } from './import.js';

/** What an import's screen shows: counts and states. */
export type ImportView = Pick<
  ImportRow,
  'id' | 'engagement_id' | 'state' | 'failure' | 'offered' | 'accepted' | 'merged' | 'refused'
> & { created_by: string; supplier: string | null };

export async function viewImport(tx: EntityManager, id: string): Promise<ImportView | undefined> {
  const found = await rows<ImportView>(
    tx,
    `SELECT id, engagement_id, state, failure, offered, accepted, merged, refused, created_by, supplier FROM import WHERE id = $1`,
    [id],
  );
  return found[0];
}

/** The caller holds the import's row. */
export async function setImportState(tx: EntityManager, id: string, state: 'running' | 'paused'): Promise<void> {
  await tx.query('UPDATE import SET state = $2 WHERE id = $1', [id, state]);
}

export async function setSupplier(tx: EntityManager, id: string, supplier: string): Promise<void> {
  await tx.query('UPDATE import SET supplier = $2 WHERE id = $1', [id, supplier]);
}
