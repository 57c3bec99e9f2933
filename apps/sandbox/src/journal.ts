import { Refusal, type Asked, type Reply } from './web.js';

/** What became of one request to a stand-in. Holds method, path template, object ids and rule names: never a value of a person. */
export interface JournalEntry {
  at: string; // real time
  standIn: string;
  method: string;
  template: string;
  status: number; // 0 = no answer was given
  ms: number;
  verdict: string; // ok | refused | contract-violation | a misbehaviour's kind
  violations?: string[];
}

/** What a stand-in adds to the entry of the request it serves; without a verdict the status decides. */
export interface Note {
  verdict: string;
  violations?: string[];
}

const KEPT = 20_000;

/** The last requests in memory, and how many broke the vendor's contract since the start. */
export class Journal {
  private readonly entries: JournalEntry[] = [];
  private readonly violations = new Map<string, number>();

  add(entry: JournalEntry): void {
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.splice(0, KEPT / 10);
    if (entry.verdict === 'contract-violation') {
      this.violations.set(entry.standIn, this.contractViolations(entry.standIn) + 1);
    }
  }

  /** Serves a request and writes down what became of it; a Refusal is an answer like any other. */
  async watch(standIn: string, asked: Asked, template: string, serve: (note: Note) => Promise<Reply>): Promise<Reply> {
    const started = performance.now();
    const note: Note = { verdict: '' };
    const reply = await serve(note).catch((error: unknown) => {
      if (error instanceof Refusal) return error.reply;
      throw error;
    });
    const status = reply.drop === undefined ? reply.status : 0;
    this.add({
      ...{ at: new Date().toISOString(), standIn, method: asked.method, template, status },
      ...{ ms: Math.round(performance.now() - started), ...note },
      verdict: note.verdict || (status >= 400 ? 'refused' : 'ok'),
    });
    return reply;
  }

  contractViolations(standIn: string): number {
    return this.violations.get(standIn) ?? 0;
  }

  /** @param filter.standIn only this one; @param filter.verdict only this verdict */
  list(filter: { standIn?: string; verdict?: string }): JournalEntry[] {
    return this.entries.filter(
      (e) => (!filter.standIn || e.standIn === filter.standIn) && (!filter.verdict || e.verdict === filter.verdict),
    );
  }
}
