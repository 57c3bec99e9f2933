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
