/** A way in which a stand-in was told to behave badly. */
export interface Misbehaviour {
  kind: string;
  /** How many matching requests are still to be hit; Infinity (null in JSON) = until it is switched off. */
  times: number;
  /** Part of "METHOD path-template" (or of an address, for mail); absent = every request. */
  match?: string;
  /** For `slow` how long, for `timeout-after-commit` how long the line stays open without an answer. */
  ms?: number;
}

/** The switches of one stand-in. Kept in memory only: they last as long as the test that set them. */
export class Misbehaviours {
  private list: Misbehaviour[] = [];

  constructor(readonly kinds: readonly string[]) {}

  /** @throws RangeError on a kind this stand-in does not know, or a number out of range */
  add(order: { kind?: unknown; times?: unknown; match?: unknown; ms?: unknown }): Misbehaviour {
    const { kind, match, ms } = order;
    const times = order.times === null ? Infinity : (order.times ?? 1);
    if (typeof kind !== 'string' || !this.kinds.includes(kind)) {
      throw new RangeError(`kind must be one of ${this.kinds.join(', ')}`);
    }
    if (typeof times !== 'number' || (times !== Infinity && !Number.isInteger(times)) || times < 1)
      throw new RangeError('times must be ≥ 1, or null for as long as it is on');
    if (match !== undefined && typeof match !== 'string') throw new RangeError('match must be a string');
    if (ms !== undefined && (typeof ms !== 'number' || ms < 0)) throw new RangeError('ms must be ≥ 0');
    const added = { kind, times, ...(match === undefined ? {} : { match }), ...(ms === undefined ? {} : { ms }) };
    this.list.push(added);
    return added;
  }

  /** Uses up one turn of the first switch that fits. @param among only these kinds; a switch that does not apply here keeps its turns */
  take(where: string, among: readonly string[] = this.kinds): Misbehaviour | undefined {
    const found = this.list.find((m) => among.includes(m.kind) && (!m.match || where.includes(m.match)));
    if (!found) return undefined;
    found.times -= 1;
    if (found.times === 0) this.list = this.list.filter((m) => m !== found);
    return found;
  }

  /** @param kind only this one; absent = all */
  clear(kind?: string): void {
    this.list = kind === undefined ? [] : this.list.filter((m) => m.kind !== kind);
  }

  pending(): readonly Misbehaviour[] {
    return this.list;
  }
}
