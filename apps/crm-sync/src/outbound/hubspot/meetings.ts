import type { VendorRecord } from '../../domain/records.js';
import { BOOKING_KEY } from '../../domain/words-hubspot.js';
import type { CallOptions, FindOptions, MeetingLog } from '../needs.js';
import type { HubSpotAccount } from './http.js';
import { HubSpotObjects } from './objects.js';

const BATCH = 100;

/** Meetings, found again by our own unique key (the booking's id), by the invite's UID, or by the vendor's id. */
export class HubSpotMeetings extends HubSpotObjects implements MeetingLog {
  constructor(account: HubSpotAccount, ourselves: readonly string[]) {
    super(account, 'meetings', BOOKING_KEY, ourselves);
  }

  async find(
    by: 'id' | 'key' | 'calendarUid',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    if (values.length === 0) return new Map();
    if (by === 'calendarUid') return this.search('hs_i_cal_uid', values, properties, o);
    return this.read(by === 'key' ? BOOKING_KEY : undefined, values, properties, o);
  }

  /** By the default association, which needs no type id that could differ between accounts. */
  async join(
    pairs: readonly { readonly meetingId: string; readonly contactId: string }[],
    o: CallOptions,
  ): Promise<void> {
    for (let at = 0; at < pairs.length; at += BATCH) {
      const inputs = pairs.slice(at, at + BATCH).map((p) => ({ from: { id: p.meetingId }, to: { id: p.contactId } }));
      await this.account.call(
        {
          method: 'POST',
          path: '/crm/associations/2026-09/meetings/contacts/batch/associate/default',
          body: { inputs },
        },
        o,
      );
    }
  }
}
