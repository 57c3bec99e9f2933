import { BOOKING_KEY, type VendorRecord } from '../../domain/records.js';
import type { CallOptions, FindOptions, MeetingLog, Write, WriteOutcome } from '../needs.js';
import type { HubSpotAccount } from './http.js';
import { HubSpotObjects } from './objects.js';

const BATCH = 100;

export class HubSpotMeetings implements MeetingLog {
  private readonly objects: HubSpotObjects;

  constructor(
    private readonly account: HubSpotAccount,
    ourselves: readonly string[],
  ) {
    this.objects = new HubSpotObjects(account, 'meetings', BOOKING_KEY, ourselves);
  }

  async find(
    by: 'id' | 'key' | 'calendarUid',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    if (values.length === 0) return new Map();
    if (by === 'calendarUid') return this.objects.search('hs_i_cal_uid', values, properties, o);
    return this.objects.read(by === 'key' ? BOOKING_KEY : undefined, values, properties, o);
  }

  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.objects.upsert(writes, o);
  }

  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.objects.update(writes, o);
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

  archive(ids: readonly string[], o: CallOptions): Promise<void> {
    return this.objects.archive(ids, o);
  }
}
