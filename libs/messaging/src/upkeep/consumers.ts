import type { ServiceName } from '@avtala/contracts';
import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { LANES, schemaOf } from '../topics.js';

const SERVICES: readonly ServiceName[] = ['agency', 'lead-intake', 'scheduling', 'crm-sync', 'retention'];

/** Up to where, per lane, every consumer has read this owner's log. A consumer that has never started has no cursor and
 * holds nothing back; in a lane nobody reads, everything is passed. */
export async function consumersPassed(
  tx: EntityManager,
  ownerSchema: string,
): Promise<{ lane: number; pos: string }[]> {
  const present = await rows<{ schema: string }>(
    tx,
    `SELECT s AS schema FROM unnest($1::text[]) s
     WHERE to_regclass(quote_ident(s) || '.cursor') IS NOT NULL AND has_table_privilege(quote_ident(s) || '.cursor', 'select')`,
    [SERVICES.map(schemaOf)],
  );
  const owner = SERVICES.find((s) => schemaOf(s) === ownerSchema);
  const cursors = present.map((p) => `SELECT lane, pos, topic FROM ${p.schema}.cursor`).join(' UNION ALL ');
  return rows<{ lane: number; pos: string }>(
    tx,
    `SELECT l AS lane, coalesce(min(c.pos), 9223372036854775807) AS pos
     FROM generate_series(0, ${LANES - 1}) l LEFT JOIN (${cursors}) c ON c.lane = l AND split_part(c.topic, '.', -1) = $1
     GROUP BY l ORDER BY l`,
    [owner],
  );
}
