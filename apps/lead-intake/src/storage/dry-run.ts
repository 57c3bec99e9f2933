import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { hashesOf, packHashes } from './packed.js';

/** Leads that one of these e-mails or names with phone belongs to, as they are at this moment. Locks nothing: it is only a look. */
export async function leadsByIndexes(
  tx: EntityManager,
  engagementId: string,
  indexes: { merge: readonly Buffer[]; namePhone: readonly Buffer[] },
): Promise<{ id: string; merge_bidx: Buffer | null; name_phone_bidx: Buffer | null }[]> {
  return rows(
    tx,
    `SELECT l.id, l.merge_bidx, l.name_phone_bidx FROM ${hashesOf('$2', 'h')}
       CROSS JOIN LATERAL (SELECT id, merge_bidx, name_phone_bidx FROM lead WHERE engagement_id = $1 AND merge_bidx = h.hash LIMIT 1) l
     UNION SELECT l.id, l.merge_bidx, l.name_phone_bidx FROM ${hashesOf('$3', 'h')}
       CROSS JOIN LATERAL (SELECT id, merge_bidx, name_phone_bidx FROM lead WHERE engagement_id = $1 AND name_phone_bidx = h.hash LIMIT 1) l`,
    [engagementId, packHashes(indexes.merge), packHashes(indexes.namePhone)],
  );
}
