import { rows, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { hashesOf, packHashes } from './packed.js';

export interface NoHash {
  kind: string;
  hash: Buffer;
}

/** Remembers a "no" (B5). @param clientId null = towards every client */
export async function suppress(
  tx: EntityManager,
  hashes: readonly NoHash[],
  clientId: string | null,
  at: Temporal.Instant,
): Promise<void> {
  await tx.query(
    `INSERT INTO suppression (hash, kind, client_id, at)
     SELECT h.hash, h.kind, $3, $4 FROM unnest($1::bytea[], $2::text[]) AS h (hash, kind) ORDER BY h.hash ON CONFLICT DO NOTHING`,
    [hashes.map((h) => h.hash), hashes.map((h) => h.kind), clientId, at.toString()],
  );
}

/** Towards whom one of these hashes says no: a client, or null for everybody; each once. */
export async function suppressedTowards(tx: EntityManager, hashes: readonly NoHash[]): Promise<(string | null)[]> {
  const found = await rows<{ clientId: string | null }>(
    tx,
    `SELECT DISTINCT client_id AS "clientId" FROM suppression WHERE hash = any($1::bytea[]) ORDER BY 1`,
    [hashes.map((h) => h.hash)],
  );
  return found.map((f) => f.clientId);
}

/** Whether one of a person's hashes stands for a "no" towards this client or all. */
export type SaidNo = (hashesOfOne: readonly NoHash[], clientId: string) => boolean;

/** Asks once for many hashes. */
export async function noesAmong(tx: EntityManager, hashes: readonly Buffer[]): Promise<SaidNo> {
  if (!hashes.length) return () => false;
  const { sql, parameters } = noesStatement(hashes);
  return saidNo(await rows(tx, sql, parameters));
}

/** {@link saidNo} reads its answer. */
export function noesStatement(hashes: readonly Buffer[]): Statement {
  return {
    name: 'noes',
    sql: `SELECT s.hash, s.client_id FROM ${hashesOf('$1', 'h')}
      CROSS JOIN LATERAL (SELECT hash, client_id FROM suppression WHERE hash = h.hash LIMIT 1000) s`,
    parameters: [packHashes(hashes)],
  };
}

export function saidNo(found: readonly object[]): SaidNo {
  const noes = new Map<string, Set<string | null>>();
  for (const { hash, client_id } of found as { hash: Buffer; client_id: string | null }[]) {
    const hex = hash.toString('hex');
    noes.set(hex, (noes.get(hex) ?? new Set()).add(client_id));
  }
  if (!noes.size) return () => false;
  return (hashesOfOne, clientId) =>
    hashesOfOne.some(({ hash }) => {
      const towards = noes.get(hash.toString('hex'));
      return towards !== undefined && (towards.has(null) || towards.has(clientId));
    });
}
