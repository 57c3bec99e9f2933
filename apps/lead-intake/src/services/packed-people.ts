import { hmacSha256, makeKeys, sealInto, sealedBytes, type KeyMaker } from '@avtala/vault';
import { randomFillSync, type KeyObject } from 'node:crypto';
import { zoneOfPhone } from '../domain/calling-rules.js';
import type { RawLead } from '../domain/intake.js';
import { nameTokenTexts } from '../domain/name-words.js';
import { HASH_SLOTS, HASHES_PER_ROW, HASH_BYTES as HASH, tokenSpan, type ChunkColumns } from '../storage/chunk.js';
import { ByteaArray, intArrayOf, uuidArrayOf } from '../storage/packed-array.js';
import type { ReadPerson } from './import-chunks.js';
import { contactContext } from './persons.js';

/** Keys by which a file's people are hashed, and by which their own are made. */
export interface PackingKeys {
  readonly pepper: KeyObject;
  readonly suppression: KeyObject;
  readonly rowKey: KeyObject;
  readonly maker: KeyMaker;
}

/** People as columns, with keys of their own. */
export interface PackedPeople extends ChunkColumns {
  /** The leads they become if nobody is met. */
  readonly idTexts: string[];
  /** Where the clocks of their numbers stand; empty where the number does not say. */
  readonly zones: string[];
  readonly epoch: number;
  readonly wrapped: Uint8Array;
  /** Numbers of those who may share an e-mail, or a name with phone, with another of the chunk. Equal rows share both of theirs. */
  readonly twins: number[];
}

/** People whose texts are hashed together: what they take up stays in the processor's cache. */
const TOGETHER = 250;
/** Words whose tokens are remembered. Names and companies of a list have few different ones. */
const MOST_WORDS = 50_000;
const IV = 12;
const NONE = -1;

/** Hashes, seals and packs a file's people, column by column. */
export class PeoplePacker {
  private readonly batch = new Digests();
  private readonly tokens = new Map<string, number>();
  /** Of each hash of those hashed together: its number in the batch. */
  private readonly slots = new Int32Array(TOGETHER * HASHES_PER_ROW);

  constructor(private readonly keys: PackingKeys) {}

  pack(people: readonly ReadPerson[]): PackedPeople {
    const n = people.length;
    const made = makeKeys(this.keys.maker, n);
    const hashes = Buffer.from(new ArrayBuffer(n * HASHES_PER_ROW * HASH)); // of its own, so that it passes to another thread
    const spans = new Int32Array(n);
    const tokens: number[] = [];
    for (let at = 0; at < n; at += TOGETHER) this.hash(people.slice(at, at + TOGETHER), at, hashes, spans, tokens);
    const sealed = this.sealed(people, made);
    made.keys.fill(0);
    return {
      count: n,
      idTexts: made.ids,
      ids: uuidArrayOf(made.ids),
      zones: people.map(({ person }) => zoneOfPhone(person.phone, '')),
      epoch: made.epoch,
      wrapped: made.wrapped,
      sealed,
      hashes,
      tokens: intArrayOf(tokens),
      spans: intArrayOf(spans),
      twins: twinsIn(hashes, n),
    };
  }

  private sealed(people: readonly ReadPerson[], made: { ids: string[]; keys: Buffer }): Uint8Array {
    const ivs = randomFillSync(Buffer.allocUnsafeSlow(people.length * IV));
    const array = new ByteaArray(people.length, people.length * (4 + sealedBytes(0)));
    for (const [i, { person }] of people.entries()) {
      const text = JSON.stringify(person.contact);
      const key = made.keys.subarray(i * HASH, (i + 1) * HASH);
      const iv = ivs.subarray(i * IV, (i + 1) * IV);
      array.add(sealedBytes(Buffer.byteLength(text)), (to, at) =>
        sealInto(key, contactContext(made.ids[i]!), text, iv, to, at),
      );
    }
    return array.done();
  }

  /** @param from number of the first of them in the chunk */
  private hash(people: readonly ReadPerson[], from: number, hashes: Buffer, spans: Int32Array, tokens: number[]): void {
    const { batch } = this;
    const { pepper, suppression, rowKey } = this.keys;
    const { slots } = this;
    slots.fill(NONE);
    const words: { text: string; slot: number; at: number }[] = [];
    for (const [n, { person, raw }] of people.entries()) {
      const first = n * HASHES_PER_ROW;
      const add = (slot: number, to: number): void => void (slots[first + to] = slot);
      const { email, phone, nameKey } = person;
      if (email) {
        const strict = batch.add(pepper, 'email\0', email.strict);
        add(strict, HASH_SLOTS.email);
        add(email.merge === email.strict ? strict : batch.add(pepper, 'email\0', email.merge), HASH_SLOTS.merge);
        add(batch.add(suppression, 'suppression\0email\0', email.strict), HASH_SLOTS.noEmail);
        add(batch.add(suppression, 'suppression\0email-loose\0', email.loose), HASH_SLOTS.noEmailLoose);
      }
      if (phone) {
        const withName = `${phone}\0${nameKey}`;
        add(batch.add(pepper, 'phone\0', phone), HASH_SLOTS.phone);
        add(batch.add(pepper, 'phone\0', withName), HASH_SLOTS.namePhone);
        add(batch.add(suppression, 'suppression\0phone\0', phone), HASH_SLOTS.noPhone);
        if (nameKey) add(batch.add(suppression, 'suppression\0name-phone\0', withName), HASH_SLOTS.noNamePhone);
      }
      add(batch.add(rowKey, rowText(raw)), HASH_SLOTS.row);
      const { name, company } = person.contact;
      const texts = nameTokenTexts(name, company);
      spans[from + n] = tokenSpan(tokens.length, texts.length);
      for (const text of texts) {
        const token = this.tokens.get(text);
        if (token === undefined) words.push({ text, slot: batch.add(pepper, 'name\0', text), at: tokens.length });
        tokens.push(token ?? 0);
      }
    }
    const digests = batch.digest();
    copyHashes(digests, slots.subarray(0, people.length * HASHES_PER_ROW), hashes, from * HASHES_PER_ROW);
    if (this.tokens.size + words.length > MOST_WORDS) this.tokens.clear();
    for (const { text, slot, at } of words) this.tokens.set(text, (tokens[at] = digests.readInt32BE(slot * HASH)));
  }
}

/** HMACs one behind the other, by number. */
class Digests {
  private all: Buffer[] = [];

  /** The texts one behind the other are one. @returns its number */
  add(key: KeyObject, prefix: string, text = ''): number {
    return this.all.push(hmacSha256(key, prefix + text)) - 1;
  }

  /** @returns 32 bytes of each, in memory of its own; begins anew */
  digest(): Buffer {
    const together = Buffer.allocUnsafeSlow(this.all.length * HASH);
    for (const [i, one] of this.all.entries()) one.copy(together, i * HASH);
    this.all = [];
    return together;
  }
}

/** Word by word: a call for each of a chunk's thousands costs more than the copying. */
function copyHashes(digests: Buffer, slots: Int32Array, to: Buffer, first: number): void {
  const WORDS = HASH / 4;
  const [source, target] = [digests, to].map((b) => new Int32Array(b.buffer, b.byteOffset, b.length / 4)) as [
    Int32Array,
    Int32Array,
  ];
  for (let i = 0; i < slots.length; i++) {
    if (slots[i] === NONE) continue;
    for (let w = 0, from = slots[i]! * WORDS, at = (first + i) * WORDS; w < WORDS; w++) target[at++] = source[from++]!;
  }
}

/** Of what was read, so that a column nobody mapped does not make it another row. */
function rowText({ name, company, title, email, phone, social }: RawLead): string {
  return JSON.stringify([name, company, title, email, phone, social].map((text) => text?.trim() ?? ''));
}

/** Told by 32 bits: a pair that is none is looked at in vain, once in hundreds of chunks. */
function twinsIn(hashes: Buffer, n: number): number[] {
  const found = new Set<number>();
  for (const slot of [HASH_SLOTS.merge, HASH_SLOTS.namePhone]) {
    const first = new Map<number, number>();
    for (let i = 0; i < n; i++) {
      const hash = hashes.readInt32BE((i * HASHES_PER_ROW + slot) * HASH);
      if (hash === 0) continue;
      const other = first.get(hash);
      if (other === undefined) first.set(hash, i);
      else found.add(other).add(i);
    }
  }
  return [...found];
}
