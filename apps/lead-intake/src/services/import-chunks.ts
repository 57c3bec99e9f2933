import { makeKeys, sealBytes, type KeyMaker, hmacSha256 } from '@avtala/vault';
import { randomFillSync, type KeyObject } from 'node:crypto';
import { columnOf, readRow, type ColumnField } from '../domain/columns.js';
import type { Person, RawLead } from '../domain/intake.js';
import { csvPieces, type CsvRow } from '../storage/csv.js';
import type { Reject } from '../storage/import.js';
import { readUpload } from '../storage/upload-file.js';
import { contactContext, decide, indexesOf, noHashesOf } from './persons.js';

/** What a worker thread needs to read a file: passes structured clone. */
export interface ChunkJob {
  readonly path: string;
  readonly importId: string;
  readonly key: KeyObject;
  readonly bytes: number;
  readonly delimiter: string;
  readonly from: Place;
  readonly fields: readonly (ColumnField | null)[];
  readonly labels: readonly (string | null)[];
  /** Swedish calendar day, ISO. */
  readonly today: string;
  readonly pepper: KeyObject;
  readonly suppression: KeyObject;
  readonly rowKey: KeyObject;
  readonly maker: KeyMaker;
  readonly rows: number;
}

/** Values of any length, one behind the other. */
export interface Joined {
  readonly bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: number[];
}

/** How far a file is read. */
export interface Place {
  readonly offset: number;
  readonly row: number;
}

const HASH = 32;
const NO_KINDS = ['email', 'email-loose', 'phone', 'name-phone'] as const;
export const NOES_PER_ROW = NO_KINDS.length;
export const noKind = (slot: number): string => NO_KINDS[slot]!;

/** Rows of a file with all that can be done before their transaction, column by column so that it passes between threads without a copy.
 * Everything is in the order of the file. Hashes that a person does not have are zeros. */
export interface ReadyChunk {
  readonly from: Place;
  readonly next: Place;
  /** Rows read, refused ones included. */
  readonly read: number;
  readonly rejects: Reject[];
  /** Of each person: row of the file, and the lead it becomes if nobody is met. */
  readonly rows: number[];
  readonly ids: string[];
  readonly epoch: number;
  readonly wrapped: Uint8Array;
  /** Sealed contacts, and the same as JSON in the clear: for the few that meet somebody. Overwritten after use. */
  readonly sealed: Joined;
  readonly contacts: Joined;
  readonly email: Uint8Array;
  readonly merge: Uint8Array;
  readonly phone: Uint8Array;
  readonly namePhone: Uint8Array;
  readonly rowHashes: Uint8Array;
  readonly noes: Uint8Array;
  readonly tokens: number[][];
  /** Numbers of those who share an e-mail, or a name with phone, or all of it, with another of the chunk. */
  readonly twins: number[];
}

/** A file, chunk by chunk, by the pure rules and the keys of its engagement. */
export async function* readyChunks(job: ChunkJob): AsyncGenerator<ReadyChunk> {
  let rows: CsvRow[] = [];
  let from = job.from;
  const bytes = readUpload(job.path, job.key, job.importId, job.bytes, from.offset);
  for await (const piece of csvPieces(bytes, job.delimiter, from)) {
    rows.push(...piece);
    while (rows.length >= job.rows) {
      const chunk = ready(job, rows.slice(0, job.rows), from);
      rows = rows.slice(job.rows);
      from = chunk.next;
      yield chunk;
    }
  }
  if (rows.length) yield ready(job, rows, from);
}

function ready(job: ChunkJob, rows: readonly CsvRow[], from: Place): ReadyChunk {
  const { people, rejects } = readChunk(rows, job.fields, job.labels, Temporal.PlainDate.from(job.today));
  const n = people.length;
  const made = makeKeys(job.maker, n);
  const ivs = randomFillSync(Buffer.allocUnsafeSlow(n * 12));
  const hashes = () => Buffer.alloc(n * HASH);
  const chunk = {
    from,
    next: { offset: rows.at(-1)!.endOffset, row: rows.at(-1)!.row },
    read: rows.length,
    rejects,
    rows: people.map((p) => p.row),
    ids: made.ids,
    epoch: made.epoch,
    wrapped: made.wrapped,
    email: hashes(),
    merge: hashes(),
    phone: hashes(),
    namePhone: hashes(),
    rowHashes: hashes(),
    noes: Buffer.alloc(n * HASH * NOES_PER_ROW),
    tokens: [] as number[][],
    twins: [] as number[],
  };
  const sealed: Buffer[] = [];
  const contacts: Buffer[] = [];
  const twins = new Twins();
  for (const [i, { person, raw }] of people.entries()) {
    const terms = indexesOf(job.pepper, person);
    terms.email?.copy(chunk.email, i * HASH);
    terms.merge?.copy(chunk.merge, i * HASH);
    terms.phone?.copy(chunk.phone, i * HASH);
    terms.namePhone?.copy(chunk.namePhone, i * HASH);
    chunk.tokens.push([...terms.tokens]);
    for (const { kind, hash } of noHashesOf(job.suppression, person))
      hash.copy(chunk.noes, (i * NOES_PER_ROW + NO_KINDS.indexOf(kind as (typeof NO_KINDS)[number])) * HASH);
    rowHashOf(job.rowKey, raw).copy(chunk.rowHashes, i * HASH);
    twins.add(i, person);
    const contact = Buffer.from(JSON.stringify(person.contact));
    contacts.push(contact);
    const key = made.keys.subarray(i * HASH, (i + 1) * HASH);
    sealed.push(sealBytes(key, contactContext(made.ids[i]!), contact, ivs.subarray(i * 12, i * 12 + 12)));
  }
  made.keys.fill(0);
  chunk.twins.push(...twins.found);
  const ready = { ...chunk, sealed: joined(sealed), contacts: joined(contacts) };
  for (const contact of contacts) contact.fill(0);
  return ready;
}

/** In memory of its own, so that it can be given to another thread. */
function joined(parts: readonly Uint8Array[]): Joined {
  let length = 0;
  const ends = parts.map((part) => (length += part.length));
  const bytes = Buffer.allocUnsafeSlow(length);
  for (const [i, part] of parts.entries()) bytes.set(part, ends[i]! - part.length);
  return { bytes, ends };
}

/** The parts again. */
export function partsOf({ bytes, ends }: Joined): Buffer[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return ends.map((end, i) => whole.subarray(i ? ends[i - 1]! : 0, end));
}

/** Who of a chunk may be the same person: everybody who shares a spelling with another. Equal rows share both of theirs. */
class Twins {
  readonly found = new Set<number>();
  private readonly first = new Map<string, number>();

  add(i: number, person: Person): void {
    if (person.email) this.meet(person.email.merge, i);
    if (person.phone) this.meet(`${person.phone}\0${person.nameKey}`, i);
  }

  private meet(spelling: string, i: number): void {
    const other = this.first.get(spelling);
    if (other === undefined) this.first.set(spelling, i);
    else this.found.add(other).add(i);
  }
}

/** The rows of a chunk by the pure rules: people, and rejects that name row, column and reason. */
export function readChunk(
  rows: readonly CsvRow[],
  fields: readonly (ColumnField | null)[],
  labels: readonly (string | null)[],
  today: Temporal.PlainDate,
): { people: { row: number; person: Person; raw: RawLead }[]; rejects: Reject[] } {
  const people: { row: number; person: Person; raw: RawLead }[] = [];
  const rejects: Reject[] = [];
  for (const { row, cells } of rows) {
    const raw = readRow(cells, fields);
    if (!raw) {
      rejects.push({ row, column: null, reason: 'columns-mismatch' });
      continue;
    }
    const decision = decide(raw, today);
    if (decision.ok) people.push({ row, person: decision.person, raw });
    else {
      const at = columnOf(decision.field, fields, cells);
      rejects.push({ row, column: at === null ? null : (labels[at] ?? `#${at + 1}`), reason: decision.reason });
    }
  }
  return { people, rejects };
}

/** Of what was read, so that a column nobody mapped does not make it another row. */
export function rowHashOf(key: KeyObject, raw: RawLead): Buffer {
  const { name, company, title, email, phone, social } = raw;
  const said = [name, company, title, email, phone, social].map((text) => text?.trim() ?? '');
  return hmacSha256(key, JSON.stringify(said));
}
