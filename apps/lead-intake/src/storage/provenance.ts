import type { Ground } from '@avtala/contracts';
import { rows, textArray, uuidArray, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** What a person agreed to (B4). Texts about the wording and the way it was given, never about who gave it. */
export interface ConsentWording {
  version: string;
  wording: string;
  how: string;
  givenAt: string;
  proof: string;
}

/** Where leads came from and on what ground (B2, B3): one for a single lead, one for all of a file. */
export interface Provenance {
  id: string;
  source: string;
  supplier: string | null;
  ground: Ground;
  obtainedAt: string;
  consent: ConsentWording | null;
}

export async function insertProvenance(tx: EntityManager, engagementId: string, p: Provenance): Promise<void> {
  await tx.query(
    `INSERT INTO provenance (engagement_id, id, source, supplier, ground, obtained_at, consent) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING`,
    [engagementId, p.id, p.source, p.supplier, p.ground, p.obtainedAt, p.consent && JSON.stringify(p.consent)],
  );
}

/** Those of several leads at once. */
export function provenancesStatement(engagementId: string, provenances: readonly Provenance[]): Statement {
  return {
    name: 'provenances',
    sql: `INSERT INTO provenance (engagement_id, id, source, supplier, ground, obtained_at, consent)
     SELECT $1, p.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::jsonb[]) AS p ON CONFLICT DO NOTHING`,
    parameters: [
      engagementId,
      uuidArray(provenances.map((p) => p.id)),
      textArray(provenances.map((p) => p.source)),
      textArray(provenances.map((p) => p.supplier)),
      textArray(provenances.map((p) => p.ground)),
      provenances.map((p) => p.obtainedAt),
      provenances.map((p) => p.consent && JSON.stringify(p.consent)),
    ],
  };
}

export async function dropProvenanceWithoutLead(tx: EntityManager, engagementId: string): Promise<void> {
  await rows(
    tx,
    `DELETE FROM provenance p WHERE p.engagement_id = $1
       AND NOT EXISTS (SELECT FROM lead l WHERE l.engagement_id = $1 AND l.provenance_id = p.id)
       AND NOT EXISTS (SELECT FROM import i WHERE i.engagement_id = $1 AND i.provenance_id = p.id)`,
    [engagementId],
  );
}

/** Where one lead came from. */
export async function provenanceOfLead(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
): Promise<Pick<Provenance, 'supplier' | 'consent'>> {
  const found = await rows<Pick<Provenance, 'supplier' | 'consent'>>(
    tx,
    `SELECT p.supplier, p.consent FROM provenance p JOIN lead l ON l.engagement_id = p.engagement_id AND l.provenance_id = p.id
     WHERE l.engagement_id = $1 AND l.id = $2`,
    [engagementId, leadId],
  );
  return found[0] ?? { supplier: null, consent: null };
}
