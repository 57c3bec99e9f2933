import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface SupplierMappingRow {
  id: string;
  supplier: string;
  sealed: Buffer;
  updated_at: Date;
}

export async function findMapping(
  tx: EntityManager,
  engagementId: string,
  supplierKey: string,
): Promise<SupplierMappingRow | undefined> {
  const found = await rows<SupplierMappingRow>(
    tx,
    'SELECT id, supplier, sealed, updated_at FROM supplier_mapping WHERE engagement_id = $1 AND supplier_key = $2',
    [engagementId, supplierKey],
  );
  return found[0];
}

/** Written anew; the id, and so the key, is the one it had before. */
export async function saveMapping(
  tx: EntityManager,
  engagementId: string,
  m: { id: string; supplierKey: string; supplier: string; sealed: Buffer; by: string; at: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO supplier_mapping (engagement_id, supplier_key, id, supplier, sealed, updated_by, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (engagement_id, supplier_key) DO UPDATE SET id = $3, supplier = $4, sealed = $5, updated_by = $6, updated_at = $7`,
    [engagementId, m.supplierKey, m.id, m.supplier, m.sealed, m.by, m.at],
  );
}

export async function listMappings(
  tx: EntityManager,
  engagementId: string,
  page: { after: string; limit: number },
): Promise<{ supplier: string; supplier_key: string; updated_at: Date }[]> {
  return rows(
    tx,
    `SELECT supplier, supplier_key, updated_at FROM supplier_mapping WHERE engagement_id = $1 AND supplier_key > $2
     ORDER BY supplier_key LIMIT $3`,
    [engagementId, page.after, page.limit],
  );
}

/** Whose keys go with the engagement. */
export async function mappingIds(tx: EntityManager, engagementId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(tx, 'SELECT id FROM supplier_mapping WHERE engagement_id = $1', [
    engagementId,
  ]);
  return found.map((row) => row.id);
}
