import type { ErasureReason } from '@avtala/contracts';
import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** The next leads of an engagement by id, for work in chunks. */
export async function leadsOf(
  tx: EntityManager,
  engagementId: string,
  after: string | null,
  most: number,
): Promise<string[]> {
  const found = await rows<{ lead_id: string }>(tx, 'SELECT lead_id FROM leads_of($1, $2, $3)', [
    engagementId,
    after ?? '00000000-0000-0000-0000-000000000000',
    most,
  ]);
  return found.map((row) => row.lead_id);
}

/** Everything of one lead that is stored in rows. Its key is destroyed before. Safe to repeat. */
export async function deleteLead(tx: EntityManager, engagementId: string, leadId: string): Promise<void> {
  for (const table of ['activity', 'import_row', 'consent_entry', 'bulk_item']) {
    await tx.query(`DELETE FROM ${table} WHERE engagement_id = $1 AND lead_id = $2`, [engagementId, leadId]);
  }
  await tx.query('DELETE FROM lead WHERE engagement_id = $1 AND id = $2', [engagementId, leadId]);
  await tx.query('SELECT forget_homes($1, $2)', [engagementId, [leadId]]);
}

/** Everything of an engagement: partitions dropped, the rest deleted. Safe to repeat. */
export async function deleteEngagement(tx: EntityManager, engagementId: string): Promise<void> {
  await tx.query('DELETE FROM reject WHERE engagement_id = $1', [engagementId]);
  await tx.query('DELETE FROM import WHERE engagement_id = $1', [engagementId]);
  for (const table of ['calling_rules', 'call_script', 'bulk_item', 'bulk_act', 'lead_export', 'desk_state'])
    await tx.query(`DELETE FROM ${table} WHERE engagement_id = $1`, [engagementId]);
  await tx.query('DELETE FROM supplier_mapping WHERE engagement_id = $1', [engagementId]);
  for (const table of ['web_submission', 'web_form', 'consent_entry'])
    await tx.query(`DELETE FROM ${table} WHERE engagement_id = $1`, [engagementId]);
  await tx.query('SELECT forget_forms($1)', [engagementId]);
  await tx.query('SELECT drop_engagement($1)', [engagementId]);
  await tx.query('SELECT forget_homes($1, NULL)', [engagementId]);
  await tx.query('DELETE FROM engagement WHERE id = $1', [engagementId]);
}

/** What the order to stop says, while it has not been carried out. */
export async function scheduledStop(tx: EntityManager, orderId: string): Promise<object | undefined> {
  const found = await rows<{ payload: object }>(
    tx,
    `SELECT payload FROM due WHERE kind = 'erasure-stop' AND key = $1`,
    [orderId],
  );
  return found[0]?.payload;
}

/** What people of these leads said while being erased and is not kept yet, in the order of their ids. */
export function waitingNoes(
  tx: EntityManager,
  leadIds: readonly string[],
): Promise<{ leadId: string; reason: ErasureReason }[]> {
  return rows(
    tx,
    `SELECT key AS "leadId", payload->>'reason' AS reason FROM due WHERE kind = 'keep-no' AND key = any($1::text[]) ORDER BY key`,
    [leadIds],
  );
}

/** From here on nothing new is taken in or handed out. The row's lock waits for chunks under way. */
export async function markErasing(tx: EntityManager, engagementId: string, orderId: string): Promise<boolean> {
  return (await affected(tx, 'UPDATE engagement SET erasing = $2 WHERE id = $1', [engagementId, orderId])) > 0;
}

/** Rows left, counted as x_count, which sees ids of every engagement and nothing else. */
export async function countLeft(tx: EntityManager, engagementId: string, leadId: string | null): Promise<number> {
  const ofLead = `SELECT (SELECT count(*) FROM lead WHERE id = $2) + (SELECT count(*) FROM activity WHERE lead_id = $2)
    + (SELECT count(*) FROM bulk_item WHERE lead_id = $2) + (SELECT count(*) FROM import_row WHERE lead_id = $2) + (SELECT count(*) FROM lead_home WHERE lead_id = $2)
    + (SELECT count(*) FROM consent_entry WHERE lead_id = $2)
    + (SELECT count(*) FROM idempotency WHERE lead_id = $2 AND engagement_id = $1)`;
  const ofEngagement = `SELECT (SELECT count(*) FROM lead WHERE engagement_id = $1) + (SELECT count(*) FROM activity WHERE engagement_id = $1)
    + (SELECT count(*) FROM import_row WHERE engagement_id = $1) + (SELECT count(*) FROM provenance WHERE engagement_id = $1)
    + (SELECT count(*) FROM import WHERE engagement_id = $1) + (SELECT count(*) FROM reject WHERE engagement_id = $1)
    + (SELECT count(*) FROM calling_rules WHERE engagement_id = $1) + (SELECT count(*) FROM desk_state WHERE engagement_id = $1)
    + (SELECT count(*) FROM call_script WHERE engagement_id = $1) + (SELECT count(*) FROM lead_export WHERE engagement_id = $1)
    + (SELECT count(*) FROM bulk_act WHERE engagement_id = $1) + (SELECT count(*) FROM bulk_item WHERE engagement_id = $1)
    + (SELECT count(*) FROM supplier_mapping WHERE engagement_id = $1) + (SELECT count(*) FROM web_form WHERE engagement_id = $1)
    + (SELECT count(*) FROM web_submission WHERE engagement_id = $1) + (SELECT count(*) FROM consent_entry WHERE engagement_id = $1)
    + (SELECT count(*) FROM form_home WHERE engagement_id = $1)
    + (SELECT count(*) FROM lead_home WHERE engagement_id = $1) + (SELECT count(*) FROM engagement WHERE id = $1)
    + (SELECT count(*) FROM idempotency WHERE engagement_id = $1)`;
  const [found] = await rows<{ n: string }>(
    tx,
    `SELECT (${leadId ? ofLead : ofEngagement}) AS n`,
    leadId ? [engagementId, leadId] : [engagementId],
  );
  return Number(found!.n);
}
