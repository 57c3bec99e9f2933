import { formsOf, type Needle } from './needles.js';
import { Matcher, searchTree, type Hit } from './search.js';
import { tablesOf, tableText } from './copy-tables.js';
import pg from 'pg';

/** Values that stay on purpose: `place` is the prefix of the places where they may be seen. */
export interface Skip {
  readonly value: string;
  readonly place: string;
}

export interface CanaryResult {
  searched: number;
  skipped: number;
  found: number;
  /** Place, and what kind of value from which row: never the value. */
  where: string[];
  plantedFound: number;
  bytes: number;
}

/** Looks for every value of every person, in every form, in everything that was written during the run. */
export class CanarySearch {
  private readonly matcher: Matcher;
  private readonly hits = new Map<string, Hit>();
  private readonly values: readonly string[];
  bytes = 0;

  /** @param planted values put into known places on purpose: the test of the test */
  constructor(
    private readonly needles: readonly Needle[],
    planted: readonly string[],
    private readonly skips: readonly Skip[],
  ) {
    this.values = [...needles.map((n) => n.value), ...planted];
    this.matcher = new Matcher(
      this.values.flatMap((value, needle) => formsOf(value).map((bytes) => ({ needle, bytes }))),
    );
  }

  private note(needle: number, place: string): void {
    this.hits.set(`${needle} ${place}`, { needle, place });
  }

  /** Every table of a database, the catalogs included: compressed values and unflushed pages are in no file as such (protocols.md §10). */
  async database(url: string, place: string): Promise<void> {
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    try {
      for (const table of await tablesOf(db)) {
        this.bytes += await this.matcher.scanStream(tableText(db, table), (n) => this.note(n, `${place}/${table}`));
      }
    } finally {
      await db.end();
    }
  }

  async messages(messages: AsyncIterable<Buffer>, place: string): Promise<void> {
    for await (const message of messages) {
      this.bytes += message.length;
      this.matcher.scan(message, message.length, (n) => this.note(n, place));
    }
  }

  async tree(dir: string, place: string): Promise<void> {
    const { hits, bytes } = await searchTree(dir, place, this.matcher);
    this.bytes += bytes;
    for (const h of hits) this.note(h.needle, h.place);
  }

  result(): CanaryResult {
    const plantedFound = new Set<number>();
    const skipped = new Set<number>();
    const found = new Set<number>();
    const where = new Set<string>();
    for (const { needle, place } of this.hits.values()) {
      const n = this.needles[needle];
      if (!n) {
        plantedFound.add(needle);
      } else if (this.staysIn(n.value, place)) {
        skipped.add(needle);
      } else {
        found.add(needle);
        where.add(`${place}: ${n.field} of row ${n.row}`);
      }
    }
    return {
      searched: this.needles.length,
      skipped: skipped.size,
      found: found.size,
      where: [...where].sort().slice(0, 50),
      plantedFound: plantedFound.size,
      bytes: this.bytes,
    };
  }

  private staysIn(value: string, place: string): boolean {
    const v = value.toLowerCase();
    return this.skips.some((s) => place.startsWith(s.place) && s.value.toLowerCase().includes(v));
  }
}
