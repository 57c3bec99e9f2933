import { LeadRegistered } from '@avtala/contracts';
import { Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { HASH_SLOTS, hashOf, insertChunk, noesOf, rowsThatMeet } from '../storage/chunk.js';
import type { Engagement } from '../storage/engagement.js';
import type { Reject } from '../storage/import.js';
import { valuesOf } from '../storage/packed-array.js';
import type { ReadyChunk } from './import-chunks.js';
import { indexesOf, personOf, unsealContact } from './persons.js';
import { TakeIn, type Prepared, type StoredProvenance } from './take-in.js';

/** Events in one row of the outbox. */
const TOLD_AT_ONCE = 1000;

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
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Clock) private readonly clock: Clock,
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
    const meeting = await rowsThatMeet(tx, engagement.id, chunk);
    for (const i of chunk.twins) meeting.add(i);
    const others = [...meeting].sort((a, b) => a - b);
    const alone = [...chunk.idTexts.keys()].filter((i) => !meeting.has(i));

    const people = await this.people(chunk, pepper.key, others);
    const taken = await this.takeIn.apply(tx, engagement, { pepper, people }, () => provenance);
    if (alone.length) {
      await insertChunk(tx, engagement.id, provenance, this.clock.now().toString(), chunk, others);
      await this.tell(tx, engagement, provenance, chunk, alone);
    }

    const count = (outcome: string): number => taken.filter((t) => t.outcome === outcome).length;
    return {
      accepted: alone.length + count('accepted'),
      merged: count('merged'),
      refused: taken.flatMap((t, n) =>
        t.outcome === 'refused' ? [{ row: chunk.rows[others[n]!]!, column: null, reason: t.reason }] : [],
      ),
    };
  }

  private async tell(
    tx: EntityManager,
    engagement: Engagement,
    { ground, obtainedAt }: StoredProvenance,
    { idTexts, zones }: ReadyChunk,
    which: readonly number[],
  ): Promise<void> {
    const common = { engagementId: engagement.id, timeZone: engagement.time_zone, ground, obtainedAt };
    for (let at = 0; at < which.length; at += TOLD_AT_ONCE) {
      const told = which.slice(at, at + TOLD_AT_ONCE).map((i) => {
        const lead = { leadId: idTexts[i]!, leadVersion: 1 };
        const zone = zones[i]!;
        return zone === '' || zone === common.timeZone ? lead : { ...lead, timeZone: zone };
      });
      await this.outbox.appendChunk(tx, LeadRegistered, common, told);
    }
  }

  /** Rows of a chunk as people again. */
  private async people(chunk: ReadyChunk, pepper: KeyObject, which: readonly number[]): Promise<Prepared['people']> {
    const people: Prepared['people'] = [];
    const sealed = which.length ? valuesOf(chunk.sealed) : [];
    for (let at = 0; at < which.length; at += 1000) {
      const slice = which.slice(at, at + 1000);
      const keys = await this.vault.open(
        'lead',
        slice.map((i) => chunk.idTexts[i]!),
        'intake',
      );
      for (const i of slice) {
        const id = chunk.idTexts[i]!;
        const key = keys.get(id)!;
        const person = personOf(unsealContact(key, id, sealed[i]!));
        people.push({
          person,
          indexes: indexesOf(pepper, person),
          noes: noesOf(chunk, i),
          rowHash: hashOf(chunk, i, HASH_SLOTS.row),
          ready: { id, key, epoch: chunk.epoch },
        });
      }
    }
    return people;
  }
}
