import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface WebForm {
  engagement_id: string;
  id: string;
  name: string;
  language: 'sv' | 'en';
  consent_version: string;
  consent_wording: string;
  marketing_version: string | null;
  marketing_wording: string | null;
  origins: string[];
  created_at: Date;
  closed_at: Date | null;
}

export interface Submission {
  engagement_id: string;
  id: string;
  form_id: string;
  state: 'new' | 'mailed' | 'undeliverable' | 'confirmed';
  sealed: Buffer | null;
  submitted_at: Date;
  real_at: Date;
}

export async function insertForm(
  tx: EntityManager,
  f: Omit<WebForm, 'created_at' | 'closed_at'> & { createdBy: string; createdAt: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO web_form (engagement_id, id, name, language, consent_version, consent_wording, marketing_version, marketing_wording,
       origins, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      f.engagement_id,
      f.id,
      f.name,
      f.language,
      f.consent_version,
      f.consent_wording,
      f.marketing_version,
      f.marketing_wording,
      f.origins,
      f.createdBy,
      f.createdAt,
    ],
  );
  await tx.query('INSERT INTO form_home (form_id, engagement_id) VALUES ($1, $2)', [f.id, f.engagement_id]);
}

/** Asked by the public, before any scope is known. */
export async function formHome(tx: EntityManager, formId: string): Promise<string | null> {
  const [row] = await rows<{ home: string | null }>(tx, 'SELECT form_home_of($1) AS home', [formId]);
  return row?.home ?? null;
}

export async function findForm(tx: EntityManager, engagementId: string, id: string): Promise<WebForm | undefined> {
  const found = await rows<WebForm>(tx, 'SELECT * FROM web_form WHERE engagement_id = $1 AND id = $2', [
    engagementId,
    id,
  ]);
  return found[0];
}

export async function listForms(
  tx: EntityManager,
  engagementId: string,
  page: { after: string; limit: number },
): Promise<WebForm[]> {
  return rows<WebForm>(tx, 'SELECT * FROM web_form WHERE engagement_id = $1 AND id > $2 ORDER BY id LIMIT $3', [
    engagementId,
    page.after,
    page.limit,
  ]);
}

export async function closeForm(tx: EntityManager, engagementId: string, id: string, at: string): Promise<boolean> {
  const sql = 'UPDATE web_form SET closed_at = $3 WHERE engagement_id = $1 AND id = $2 AND closed_at IS NULL';
  return (await affected(tx, sql, [engagementId, id, at])) > 0;
}

export async function insertSubmission(
  tx: EntityManager,
  s: { engagementId: string; id: string; formId: string; sealed: Buffer; submittedAt: string },
): Promise<void> {
  await tx.query(
    'INSERT INTO web_submission (engagement_id, id, form_id, sealed, submitted_at) VALUES ($1, $2, $3, $4, $5)',
    [s.engagementId, s.id, s.formId, s.sealed, s.submittedAt],
  );
}

export async function findSubmission(
  tx: EntityManager,
  engagementId: string,
  id: string,
  lock = false,
): Promise<Submission | undefined> {
  const found = await rows<Submission>(
    tx,
    `SELECT * FROM web_submission WHERE engagement_id = $1 AND id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [engagementId, id],
  );
  return found[0];
}

/** The caller holds the row. Confirmed: what it held is a lead now. */
export async function stepSubmission(
  tx: EntityManager,
  engagementId: string,
  id: string,
  state: 'mailed' | 'undeliverable' | 'confirmed',
): Promise<void> {
  await tx.query(
    `UPDATE web_submission SET state = $3, sealed = CASE WHEN $3 = 'confirmed' THEN NULL ELSE sealed END
     WHERE engagement_id = $1 AND id = $2 AND state <> 'confirmed'`,
    [engagementId, id, state],
  );
}

export async function deleteSubmission(tx: EntityManager, engagementId: string, id: string): Promise<void> {
  await tx.query('DELETE FROM web_submission WHERE engagement_id = $1 AND id = $2', [engagementId, id]);
}

/** Whose keys go with the engagement. */
export async function submissionIds(tx: EntityManager, engagementId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(tx, 'SELECT id FROM web_submission WHERE engagement_id = $1', [
    engagementId,
  ]);
  return found.map((row) => row.id);
}

export interface ConsentEntry {
  id: string;
  leadId: string;
  purpose: 'contact' | 'marketing';
  version: string;
  wording: string;
  how: string;
  proof: string;
  givenAt: string;
}

export async function insertConsent(tx: EntityManager, engagementId: string, c: ConsentEntry): Promise<void> {
  await tx.query(
    `INSERT INTO consent_entry (engagement_id, id, lead_id, purpose, version, wording, how, proof, given_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [engagementId, c.id, c.leadId, c.purpose, c.version, c.wording, c.how, c.proof, c.givenAt],
  );
}
