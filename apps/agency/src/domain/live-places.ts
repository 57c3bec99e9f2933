import type { ServiceName } from '@avtala/contracts';

const OWNERS: readonly ServiceName[] = ['agency', 'crm-sync', 'lead-intake', 'retention', 'scheduling'];

/**
 * Up to where somebody has heard, in each lane of each owner's log. Its text is the id of what is sent last, so any process of the installation
 * can go on from it: the log's places are the same for all. About 100 characters, since there is no order over all lanes that two processes
 * would agree on.
 */
export class Places {
  private constructor(
    private readonly transport: string,
    private readonly lanes: number,
    private readonly at: Float64Array,
  ) {}

  static none(transport: string, lanes: number): Places {
    return new Places(transport, lanes, new Float64Array(OWNERS.length * lanes));
  }

  /** @returns undefined for what is none of our ids, or one of the other transport's log */
  static parse(text: string, transport: string, lanes: number): Places | undefined {
    const [of, ...numbers] = text.split('.');
    if (of !== transport[0] || numbers.length !== OWNERS.length * lanes) return undefined;
    if (!numbers.every((n) => /^[0-9a-z]{0,10}$/.test(n))) return undefined;
    return new Places(
      transport,
      lanes,
      Float64Array.from(numbers, (n) => (n === '' ? 0 : Number.parseInt(n, 36))),
    );
  }

  copy(): Places {
    return new Places(this.transport, this.lanes, this.at.slice());
  }

  get(owner: ServiceName, lane: number): number {
    return this.at[this.index(owner, lane)]!;
  }

  /** Never backwards. */
  raise(owner: ServiceName, lane: number, place: number): void {
    const i = this.index(owner, lane);
    if (place > this.at[i]!) this.at[i] = place;
  }

  /** Whether in some lane this one has heard less than `other`. */
  isBehind(other: Places): boolean {
    return this.at.some((place, i) => place < other.at[i]!);
  }

  toString(): string {
    return [this.transport[0], ...Array.from(this.at, (n) => (n === 0 ? '' : n.toString(36)))].join('.');
  }

  private index(owner: ServiceName, lane: number): number {
    return OWNERS.indexOf(owner) * this.lanes + lane;
  }
}
