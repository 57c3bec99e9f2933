import type { KeyMaker } from '@avtala/vault';
import type { KeyObject } from 'node:crypto';
import { columnOf, rowReader, type ColumnField } from '../domain/columns.js';
import type { Person, RawLead } from '../domain/intake.js';
import { csvPieces, type CsvRow } from '../storage/csv.js';
import type { Reject } from '../storage/import.js';
import { readUpload } from '../storage/upload-file.js';
import { PeoplePacker, type PackedPeople } from './packed-people.js';
import { decide } from './persons.js';

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

/** How far a file is read. */
export interface Place {
  readonly offset: number;
  readonly row: number;
}

/** Rows of a file with all that can be done before their transaction, in the form in which PostgreSQL takes it, so that the thread that answers
 * requests only passes it on. Everything is in the order of the file. */
export interface ReadyChunk extends PackedPeople {
  readonly from: Place;
  readonly next: Place;
  /** Rows read, refused ones included. */
  readonly read: number;
  readonly rejects: Reject[];
  /** Of each person: row of the file. */
  readonly rows: number[];
}

/** A file, chunk by chunk, by the pure rules and the keys of its engagement. */
export async function* readyChunks(job: ChunkJob): AsyncGenerator<ReadyChunk> {
  const packer = new PeoplePacker(job);
  const read = reader(job);
  let rows: CsvRow[] = [];
  let from = job.from;
  const bytes = readUpload(job.path, job.key, job.importId, job.bytes, from.offset);
  for await (const piece of csvPieces(bytes, job.delimiter, from)) {
    rows.push(...piece);
    while (rows.length >= job.rows) {
      const chunk = ready(packer, read, rows.slice(0, job.rows), from);
      rows = rows.slice(job.rows);
      from = chunk.next;
      yield chunk;
    }
  }
  if (rows.length) yield ready(packer, read, rows, from);
}

function ready(packer: PeoplePacker, read: Reader, rows: readonly CsvRow[], from: Place): ReadyChunk {
  const { people, rejects } = read(rows);
  const { endOffset: offset, row } = rows.at(-1)!;
  return {
    ...packer.pack(people),
    from,
    next: { offset, row },
    read: rows.length,
    rejects,
    rows: people.map((p) => p.row),
  };
}

/** A row of the file that is a person. */
export interface ReadPerson {
  readonly row: number;
  readonly person: Person;
  readonly raw: RawLead;
}
type Reader = (rows: readonly CsvRow[]) => { people: ReadPerson[]; rejects: Reject[] };

/** Rows by the pure rules: people, and rejects that name row, column and reason. */
function reader({ fields, labels, today: day }: ChunkJob): Reader {
  const today = Temporal.PlainDate.from(day);
  const readRow = rowReader(fields);
  return (rows) => {
    const people: ReadPerson[] = [];
    const rejects: Reject[] = [];
    for (const { row, cells } of rows) {
      const raw = readRow(cells);
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
  };
}
