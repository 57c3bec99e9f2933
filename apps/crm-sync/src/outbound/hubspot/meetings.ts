import type { VendorRecord } from '../../domain/records.js';
import { BOOKING_KEY } from '../../domain/words-hubspot.js';
import type { CallOptions, FindOptions, MeetingLog, NotJoined, Pair } from '../needs.js';
import { VendorRefused } from '../vendor-errors.js';
import { firstErrorOf } from './answers.js';
import type { HubSpotAccount } from './http.js';
import { HubSpotObjects } from './objects.js';

const BATCH = 100;
/** Refusals of a whole batch for which one pair may be the reason. */
const ABOUT_A_PAIR = [400, 404, 409, 422];

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

  async join(pairs: readonly Pair[], o: CallOptions): Promise<NotJoined[]> {
    const failed: NotJoined[] = [];
    for (let at = 0; at < pairs.length; at += BATCH)
      failed.push(...(await this.joinBatch(pairs.slice(at, at + BATCH), o)));
    return failed;
  }

  /** Errors of a batch need not name the pair they are about: halved until it stands alone. */
  private async joinBatch(pairs: readonly Pair[], o: CallOptions): Promise<NotJoined[]> {
    const code = await this.associate(pairs, o);
    if (code === undefined) return [];
    if (pairs.length === 1) return [{ meetingId: pairs[0]!.meetingId, code }];
    const half = Math.ceil(pairs.length / 2);
    return [...(await this.joinBatch(pairs.slice(0, half), o)), ...(await this.joinBatch(pairs.slice(half), o))];
  }

  /** By the default association, which needs no type id that could differ between accounts.
   * @returns the code of an error, if there was one among them */
  private async associate(pairs: readonly Pair[], o: CallOptions): Promise<string | undefined> {
    const inputs = pairs.map((p) => ({ from: { id: p.meetingId }, to: { id: p.contactId } }));
    const path = '/crm/associations/2026-09/meetings/contacts/batch/associate/default';
    try {
      return firstErrorOf(await this.account.call({ method: 'POST', path, body: { inputs } }, o));
    } catch (error) {
      if (error instanceof VendorRefused && ABOUT_A_PAIR.includes(error.status)) return error.code;
      throw error;
    }
  }
}
