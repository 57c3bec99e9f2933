import { randomUUID } from 'node:crypto';
import { BOOKING_KEY, LEAD_KEY } from '../../domain/words-hubspot.js';
import type { DayBudget } from '../day-budget.js';
import { VendorRefused } from '../vendor-errors.js';
import type { CallOptions, ContactBook, Crm, MeetingLog, TokenSource } from '../needs.js';
import { HubSpotContacts } from './contacts.js';
import { HubSpotAccount, type HubSpotSettings } from './http.js';
import { HubSpotMeetings } from './meetings.js';
import { ensureKeyProperty } from './properties.js';

/** One HubSpot account, on the 2026-09 paths. Keep one per connection: it holds the connection's limiter. */
export class HubSpotCrm implements Crm {
  readonly contacts: ContactBook;
  readonly meetings: MeetingLog;
  private readonly account: HubSpotAccount;

  constructor(
    settings: HubSpotSettings,
    tokens: TokenSource,
    private readonly day?: DayBudget,
  ) {
    this.account = new HubSpotAccount(settings, tokens, day);
    const ourselves = [settings.clientId, ...(settings.appId ? [settings.appId] : [])];
    this.contacts = new HubSpotContacts(this.account, ourselves);
    this.meetings = new HubSpotMeetings(this.account, ourselves);
  }

  async prepare(o: CallOptions): Promise<void> {
    await this.learnZone(o);
    await ensureKeyProperty(this.account, 'contacts', LEAD_KEY, o);
    await ensureKeyProperty(this.account, 'meetings', BOOKING_KEY, o);
  }

  /** Reads one property, then writes to a record that cannot be there (nobody has that key): who may not write is refused before anybody looks
   * for the record, and nothing is left behind. */
  async check(o: CallOptions): Promise<void> {
    await this.prepare(o);
    const answer = await this.account.call(
      {
        method: 'PATCH',
        path: `/crm/objects/2026-09/contacts/${randomUUID()}`,
        query: { idProperty: LEAD_KEY },
        body: { properties: { [LEAD_KEY]: '' } },
      },
      o,
      [404],
    );
    if (answer.status !== 404) throw new VendorRefused('unexpected-answer', answer.status);
  }

  /** The account's day ends at its own midnight: asked once, while there are calls to ask with. */
  private async learnZone(o: CallOptions): Promise<void> {
    if (!this.day) return;
    await this.day.check(o.urgent ?? false);
    if (!this.day.zoneUnknown()) return;
    const answer = await this.account.call({ method: 'GET', path: '/account-info/2026-03/details' }, o, [403, 404]);
    const zone = (answer.body as { timeZone?: unknown } | undefined)?.timeZone;
    if (typeof zone === 'string' && isZone(zone)) await this.day.zone(zone);
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/.test(name);
  } catch {
    return false;
  }
}
