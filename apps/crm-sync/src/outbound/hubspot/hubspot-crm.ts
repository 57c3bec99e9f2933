import { BOOKING_KEY, LEAD_KEY } from '../../domain/records.js';
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

  constructor(settings: HubSpotSettings, tokens: TokenSource) {
    this.account = new HubSpotAccount(settings, tokens);
    const ourselves = [settings.clientId, ...(settings.appId ? [settings.appId] : [])];
    this.contacts = new HubSpotContacts(this.account, ourselves);
    this.meetings = new HubSpotMeetings(this.account, ourselves);
  }

  async prepare(o: CallOptions): Promise<void> {
    await ensureKeyProperty(this.account, 'contacts', LEAD_KEY, o);
    await ensureKeyProperty(this.account, 'meetings', BOOKING_KEY, o);
  }
}
