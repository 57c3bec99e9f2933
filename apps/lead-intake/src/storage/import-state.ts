import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { ImportRow } from './import.js';

/** What an import's screen shows: counts and states. */
export type ImportView = Pick<
  ImportRow,
  'id' | 'engagement_id' | 'state' | 'failure' | 'offered' | 'accepted' | 'merged' | 'refused'
> & { created_by: string; created_at: Date; supplier: string | null };

const VIEW = 'id, engagement_id, state, failure, offered, accepted, merged, refused, created_by, created_at, supplier';

export async function viewImport(tx: EntityManager, id: string): Promise<ImportView | undefined> {
  return (await rows<ImportView>(tx, `SELECT ${VIEW} FROM import WHERE id = $1`, [id]))[0];
}

/** An engagement's imports, the newest first; those whose upload never came to its end are nobody's. @param after id of the last one seen */
export async function viewImports(
  tx: EntityManager,
  engagementId: string,
  page: { limit: number; after?: string | undefined },
): Promise<ImportView[]> {
  return rows<ImportView>(
    tx,
    `SELECT ${VIEW} FROM import WHERE engagement_id = $1 AND state <> 'uploading' AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [engagementId, page.after ?? null, page.limit],
  );
}

/** The caller holds the import's row. */
export async function keepDraft(tx: EntityManager, id: string, sealed: Buffer): Promise<void> {
  await tx.query('UPDATE import SET sealed_draft = $2 WHERE id = $1', [id, sealed]);
}

/** The caller holds the import's row. */
export async function setImportState(tx: EntityManager, id: string, state: 'running' | 'paused'): Promise<void> {
  await tx.query('UPDATE import SET state = $2 WHERE id = $1', [id, state]);
}

export async function setSupplier(tx: EntityManager, id: string, supplier: string): Promise<void> {
  await tx.query('UPDATE import SET supplier = $2 WHERE id = $1', [id, supplier]);
}
