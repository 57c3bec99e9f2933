import { allEvents } from '@avtala/contracts';
import { rows, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/**
 * Writes that a lead is to be forgotten: from the commit on, `@Consumes` drops every event about it but the saga's own, and its
 * held events are gone. Waits for batches of the engagement that are under way in this service, so that none of them can
 * commit something about the lead after the tombstone, from a check made before it. Safe to repeat.
 */
export async function buryLead(
  tx: EntityManager,
  t: { leadId: string; engagementId: string; orderId: string },
): Promise<void> {
  await lockEngagements(tx, [t.engagementId], 'alone');
  await insertTombstone(tx, 'lead', t.leadId, t);
  await tx.query('DELETE FROM held WHERE lead_id = $1 AND type <> ALL ($2)', [t.leadId, sagaTypes()]);
}

/** The same for everybody in an engagement. */
export async function buryEngagement(tx: EntityManager, t: { engagementId: string; orderId: string }): Promise<void> {
  await lockEngagements(tx, [t.engagementId], 'alone');
  await insertTombstone(tx, 'engagement', t.engagementId, t);
  await tx.query('DELETE FROM held WHERE engagement_id = $1 AND type <> ALL ($2)', [t.engagementId, sagaTypes()]);
}

/** Whether the lead, or its whole engagement, is buried here. */
export async function isBuried(tx: EntityManager, of: { leadId?: string; engagementId?: string }): Promise<boolean> {
  const buried = await buriedAmong(tx, [of.leadId ?? null], [of.engagementId ?? null]);
  return buried.size > 0;
}

/** Those of the ids that have a tombstone. */
export async function buriedAmong(
  tx: EntityManager,
  leadIds: ReadonlyArray<string | null>,
  engagementIds: ReadonlyArray<string | null>,
): Promise<Set<string>> {
  const found = await rows<{ id: string }>(tx, BURIED('$1', '$2'), [unique(leadIds), unique(engagementIds)]);
  return new Set(found.map((r) => r.id));
}

/** Selects the ids among these that have a tombstone. @param leads,engagements parameters, lists of ids */
export const BURIED = (leads: string, engagements: string): string =>
  `SELECT id::text FROM tombstone WHERE kind = 'lead' AND id = any(${leads}::uuid[]) OR kind = 'engagement' AND id = any(${engagements}::uuid[])`;

/**
 * Handlers share an engagement; whoever buries in it is alone, for the length of a transaction. In the order of the keys, and
 * never upgraded from shared, since two upgrades would wait for each other.
 */
export async function lockEngagements(
  tx: EntityManager,
  engagementIds: ReadonlyArray<string | null>,
  how: 'shared' | 'alone',
): Promise<void> {
  for (const { sql, parameters } of lockSql(engagementIds, how)) await tx.query(sql, parameters);
}

/** The statement of {@link lockEngagements}; none when there is no engagement. What looks for tombstones must be a statement after it. */
export function lockSql(engagementIds: ReadonlyArray<string | null>, how: 'shared' | 'alone'): Statement[] {
  const ids = unique(engagementIds);
  if (!ids.length) return [];
  return [
    {
      sql: `SELECT pg_advisory_xact_lock${how === 'shared' ? '_shared' : ''}(k) FROM (
       SELECT DISTINCT hashtextextended(current_schema() || ':' || id, 4712) AS k FROM unnest($1::text[]) id ORDER BY 1) keys`,
      parameters: [ids],
    },
  ];
}

/** Types of the erasure saga: they pass tombstones and stay where others are deleted, as proof. */
export function sagaTypes(): string[] {
  return allEvents()
    .filter(({ meta }) => meta.saga)
    .map(({ meta }) => meta.type);
}

async function insertTombstone(
  tx: EntityManager,
  kind: 'lead' | 'engagement',
  id: string,
  t: { engagementId: string; orderId: string },
): Promise<void> {
  await tx.query(
    'INSERT INTO tombstone (kind, id, engagement_id, order_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [kind, id, t.engagementId, t.orderId],
  );
}

/** Each once, without null. */
export function unique(ids: ReadonlyArray<string | null>): string[] {
  const once = new Set(ids);
  once.delete(null);
  return [...once] as string[];
}
