import type { Contact } from '@avtala/contracts';
import type { Packed } from '@avtala/database';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Engagement } from '../storage/engagement.js';
import type { Reject } from '../storage/import.js';
import { HASH_BYTES, rememberNewRows, rowsThatMeet, type NewLeads } from '../storage/new-leads.js';
import { NOES_PER_ROW, noKind, partsOf, type ReadyChunk } from './import-chunks.js';
import { personOf } from './persons.js';
import { TakeIn, type Prepared, type StoredProvenance } from './take-in.js';

/** What became of a chunk's rows. */
export interface ChunkTaken {
  readonly accepted: number;
  readonly merged: number;
  readonly refused: Reject[];
}

/**
 * Takes a chunk of a file in. Most rows meet nobody, neither in the database nor in the chunk: they are stored as they come, column by column.
 * The others go through the rules of `TakeIn`, in their order. The two do not touch each other, or they would meet.
 */
@Injectable()
export class ChunkIntake {
  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(TakeIn) private readonly takeIn: TakeIn,
  ) {}

  /** In the caller's transaction, which holds the engagement's row and its turn.
   * @throws when `mayRunAgain` says so: the transaction is run again */
  async apply(
    tx: EntityManager,
    engagement: Engagement,
    pepper: Prepared['pepper'],
    chunk: ReadyChunk,
    provenance: StoredProvenance,
  ): Promise<ChunkTaken> {
    const packed = (bytes: Uint8Array): Packed => ({
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      width: HASH_BYTES,
    });
    const leads: NewLeads = {
      ids: chunk.ids,
      sealed: partsOf(chunk.sealed),
      email: packed(chunk.email),
      merge: packed(chunk.merge),
      phone: packed(chunk.phone),
      namePhone: packed(chunk.namePhone),
      tokens: chunk.tokens,
    };
    const rowHashes = packed(chunk.rowHashes);
    const noes = { ...packed(chunk.noes), perRow: NOES_PER_ROW };
    const { merge, namePhone } = leads;
    const meeting = await rowsThatMeet(tx, engagement.id, { noes, merge, namePhone, rowHashes });
    for (const i of chunk.twins) meeting.add(i);
    const alone = [...chunk.ids.keys()].filter((i) => !meeting.has(i));
    const others = [...meeting].sort((a, b) => a - b);

    const people = await this.people(chunk, leads, noes, rowHashes, others);
    const taken = await this.takeIn.apply(tx, engagement, { pepper, people }, () => provenance);
    await this.takeIn.storeNew(tx, engagement, () => provenance, leads, alone);
    if (alone.length) await rememberNewRows(tx, engagement.id, rowHashes, leads.ids, alone);

    const count = (outcome: string): number => taken.filter((t) => t.outcome === outcome).length;
    return {
      accepted: alone.length + count('accepted'),
      merged: count('merged'),
      refused: taken.flatMap((t, n) =>
        t.outcome === 'refused' ? [{ row: chunk.rows[others[n]!]!, column: null, reason: t.reason }] : [],
      ),
    };
  }

  /** Rows of a chunk as people again. */
  private async people(
    chunk: ReadyChunk,
    leads: NewLeads,
    noes: Packed,
    rowHashes: Packed,
    which: readonly number[],
  ): Promise<Prepared['people']> {
    const contacts = partsOf(chunk.contacts);
    const people: Prepared['people'] = [];
    for (let at = 0; at < which.length; at += 1000) {
      const slice = which.slice(at, at + 1000);
      const keys = await this.vault.open(
        'lead',
        slice.map((i) => leads.ids[i]!),
        'intake',
      );
      for (const i of slice) {
        const id = leads.ids[i]!;
        people.push({
          person: personOf(JSON.parse(contacts[i]!.toString()) as Contact),
          indexes: {
            email: hashOf(leads.email, i),
            merge: hashOf(leads.merge, i),
            phone: hashOf(leads.phone, i),
            namePhone: hashOf(leads.namePhone, i),
            tokens: leads.tokens[i]!,
          },
          noes: Array.from({ length: NOES_PER_ROW }, (_, slot) => ({
            kind: noKind(slot),
            hash: hashOf(noes, i * NOES_PER_ROW + slot),
          })).flatMap(({ kind, hash }) => (hash ? [{ kind, hash }] : [])),
          rowHash: hashOf(rowHashes, i),
          ready: { id, key: keys.get(id)!, epoch: chunk.epoch },
        });
      }
    }
    return people;
  }
}

const NOTHING = Buffer.alloc(HASH_BYTES);

function hashOf({ bytes, width }: Packed, i: number): Buffer | null {
  const hash = bytes.subarray(i * width, (i + 1) * width);
  return hash.equals(NOTHING) ? null : hash;
}
