import { randomUUID } from 'node:crypto';
import { SALESFORCE_WORDS } from '../../domain/words-salesforce.js';
import type { DayBudget } from '../day-budget.js';
import type { CallOptions, ChangeFeed, Changes, Crm, TokenSource } from '../needs.js';
import { VendorRefused } from '../vendor-errors.js';
import { SalesforceEvents } from './events.js';
import { SalesforceOrg } from './org.js';
import { SalesforcePeople } from './people.js';
import { Schema, type SObject } from './schema.js';

/** Salesforce answers for 30 days back; a day is kept for clocks that differ. */
const LONGEST = { hours: 29 * 24 };
/** And for windows of more than a minute. */
const SHORTEST_MS = 61_000;

/** One org. Keep one per connection: it holds the session and what the org's objects look like. */
export class SalesforceCrm implements Crm {
  readonly contacts: SalesforcePeople;
  readonly meetings: SalesforceEvents;
  private readonly org: SalesforceOrg;
  private readonly schema: Schema;

  constructor(tokens: TokenSource, day?: DayBudget) {
    this.org = new SalesforceOrg(tokens, day);
    this.schema = new Schema(this.org);
    this.contacts = new SalesforcePeople(this.org, this.schema);
    this.meetings = new SalesforceEvents(this.org, this.schema);
  }

  prepare(o: CallOptions): Promise<void> {
    return this.schema.requireKeys(o);
  }

  /** Two leads that must both be made or none, of which one cannot: whoever may not write is refused for the other one, and nothing stays behind. */
  async check(o: CallOptions): Promise<void> {
    await this.prepare(o);
    const { leadKey } = SALESFORCE_WORDS;
    const lead = (more: object) => ({ attributes: { type: 'Lead' }, [leadKey]: randomUUID(), ...more });
    const records = [lead({ LastName: '[test]', Company: '[test]' }), lead({ LastName: null })];
    const path = `/composite/sobjects/Lead/${leadKey}`;
    const answer = await this.org.call<unknown>({ method: 'PATCH', path, body: { allOrNone: true, records } }, o);
    const [first] = Array.isArray(answer) ? (answer as { errors?: { statusCode?: string }[] }[]) : [];
    const code = first?.errors?.[0]?.statusCode ?? 'unexpected-answer';
    if (code !== 'ALL_OR_NONE_OPERATION_ROLLED_BACK') throw new VendorRefused(code, 400);
  }

  /** What was changed or deleted in the org since the last time, whoever's it is: a signal to look, no more. */
  async changes(cursor: string | null, o: ChangeFeed): Promise<Changes> {
    const now = o.now;
    const since = cursor === null ? now : Temporal.Instant.from(cursor);
    const oldest = now.subtract(LONGEST);
    const start = Temporal.Instant.compare(since, oldest) < 0 ? oldest : since;
    if (now.epochMilliseconds - start.epochMilliseconds < SHORTEST_MS)
      return { records: [], cursor: cursor ?? now.toString(), more: false };
    const query = new URLSearchParams({ start: moment(start), end: moment(now) }).toString();
    const records: { object: 'contact' | 'meeting'; id: string }[] = [];
    let covered = now;
    for (const object of ['Lead', 'Contact', 'Event'] as const) {
      const window = { path: `/sobjects/${object}`, query };
      const updated = await this.window<{ ids?: string[] }>(window, 'updated', o);
      const deleted = await this.window<{ deletedRecords?: { id: string }[] }>(window, 'deleted', o);
      const ids = [...(updated.ids ?? []), ...(deleted.deletedRecords ?? []).map((d) => d.id)];
      records.push(...ids.map((id) => ({ object: objectFor(object), id })));
      for (const { latestDateCovered } of [updated, deleted]) covered = earlier(covered, latestDateCovered);
    }
    return { records, cursor: covered.toString(), more: false };
  }

  private window<T>(w: { path: string; query: string }, kind: string, o: CallOptions) {
    const path = `${w.path}/${kind}?${w.query}`;
    return this.org.call<T & { latestDateCovered?: string }>({ method: 'GET', path }, o);
  }
}

const objectFor = (object: SObject): 'contact' | 'meeting' => (object === 'Event' ? 'meeting' : 'contact');

const moment = (at: Temporal.Instant): string => at.toString({ smallestUnit: 'second', roundingMode: 'floor' });

function earlier(a: Temporal.Instant, iso: string | undefined): Temporal.Instant {
  const b = iso === undefined ? a : Temporal.Instant.from(iso.replace(/\+0000$/, 'Z'));
  return Temporal.Instant.compare(a, b) < 0 ? a : b;
}
