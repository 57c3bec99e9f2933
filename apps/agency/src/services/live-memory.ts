import { EngagementErasureOrdered, LeadErasureOrdered, metaOf } from '@avtala/contracts';
import { LANES, type TailBatch, type TailLane } from '@avtala/messaging';
import { isCounted } from '../domain/live-changes.js';
import { Places } from '../domain/live-places.js';
import type { Heard } from './live-stream.js';

/** What is kept for tabs that come back: ids and states, in memory only. */
const MOST_KEPT = 10_000;
const KEPT_MS = 15 * 60_000;
const LEAD_ERASED = metaOf(LeadErasureOrdered).type;
const ALL_ERASED = metaOf(EngagementErasureOrdered).type;
/** Of an event's facts, those that some role is shown. */
const IDS = ['leadId', 'bookingId', 'hostId', 'connectionId', 'orderId'];

/** The last minutes of the log, as this process heard them. */
export class LiveMemory {
  /** Up to where this process has heard. */
  readonly heard: Places;
  /** Where the log ended when this process began: it reads what lies before for those who come back, not for those who are new. */
  private readonly present: Places;
  /** From where on it remembers everything. */
  private readonly since: Places;
  private kept: Heard[] = [];

  constructor(transport: string) {
    this.heard = Places.none(transport, LANES);
    this.present = Places.none(transport, LANES);
    this.since = Places.none(transport, LANES);
  }

  begins({ owner, lane }: TailLane, after: number, end: number): void {
    this.present.raise(owner, lane, end);
    this.heard.raise(owner, lane, after);
    this.since.raise(owner, lane, after);
  }

  /** @returns what is new, several events that are only counted as one */
  take({ lane: { owner, lane }, events, upTo }: TailBatch): Heard[] {
    const fresh: Heard[] = [];
    for (const e of events) {
      if (e.engagementId === null) continue;
      // What was said of them is not said again.
      if (e.type === LEAD_ERASED) this.kept = this.kept.filter((h) => h.leadId !== e.leadId);
      if (e.type === ALL_ERASED) this.kept = this.kept.filter((h) => h.engagementId !== e.engagementId || !h.leadId);
      const payload = e.payload as Record<string, unknown>;
      const facts = Object.fromEntries(IDS.flatMap((id) => (id in payload ? [[id, payload[id]]] : [])));
      const { pos: place, type, engagementId, leadId } = e;
      const heard = {
        owner,
        lane,
        place,
        type,
        engagementId,
        leadId,
        facts,
        at: Temporal.Instant.from(e.at).toString(),
        count: 1,
      };
      const last = fresh.at(-1);
      const together = last && isCounted(type) && last.type === type && last.engagementId === engagementId;
      if (together) fresh[fresh.length - 1] = { ...last, ...heard, leadId: null, facts: {}, count: last.count + 1 };
      else fresh.push({ ...heard, heardAt: Date.now() });
    }
    this.heard.raise(owner, lane, upTo);
    this.present.raise(owner, lane, upTo);
    this.kept.push(...fresh);
    this.forget();
    return fresh;
  }

  /** From where on somebody is told who has just fetched everything. */
  now(): Places {
    return this.present.copy();
  }

  /** Whether everything after those places can still be told. */
  reaches(places: Places): boolean {
    return !places.isBehind(this.since);
  }

  /** In the order in which it was heard. */
  all(): readonly Heard[] {
    return this.kept;
  }

  private forget(): void {
    const old = Date.now() - KEPT_MS;
    let n = Math.max(0, this.kept.length - MOST_KEPT);
    while (n < this.kept.length && this.kept[n]!.heardAt < old) n += 1;
    for (const { owner, lane, place } of this.kept.slice(0, n)) this.since.raise(owner, lane, place);
    if (n > 0) this.kept = this.kept.slice(n);
  }
}
