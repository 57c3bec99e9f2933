import { fillable } from './contact-write.js';
import type { IsOurs, Link, Provenance, VendorRecord } from './records.js';
import type { SettledAction } from './contact-erasure.js';
import type { Words } from './words.js';

export type MeetingState = 'booked' | 'cancelled' | 'held' | 'missed';

/** A booking as scheduling's events tell it; instants as ISO strings. */
export interface Meeting {
  readonly bookingId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly state: MeetingState;
}

export type MeetingWrite =
  | { readonly do: 'upsert'; readonly properties: Readonly<Record<string, string>> }
  | { readonly do: 'update'; readonly id: string; readonly properties: Readonly<Record<string, string>> }
  | { readonly do: 'stop'; readonly code: 'deleted-by-client' };

/** What to write about one booking. Our own record follows the booking (last state wins); one that the client's calendar sync made first gets our
 * key and its empty fields only.
 * @param found by our key or by id; `byUid` by the calendar UID, asked only where nothing of ours is known */
export function decideMeetingWrite(i: {
  readonly words: Words;
  readonly meeting: Meeting;
  readonly wanted: Readonly<Record<string, string>>;
  readonly found: { readonly linked?: VendorRecord; readonly byUid?: VendorRecord };
  readonly link: Link | undefined;
  readonly isOurs: IsOurs;
}): MeetingWrite & { readonly provenance: Provenance } {
  const { link, found } = i;
  const provenance: Provenance = link?.provenance ?? (found.linked || found.byUid ? 'matched' : 'created');
  if (link?.gone || (!found.linked && link?.vendorId)) return { do: 'stop', code: 'deleted-by-client', provenance };
  const record = found.linked ?? found.byUid;
  if (!record || (provenance === 'created' && found.linked)) return { do: 'upsert', properties: i.wanted, provenance };
  const properties = fillable(record, i.wanted, i.isOurs);
  const { bookingKey } = i.words;
  if (!record.properties[bookingKey]) properties[bookingKey] = i.meeting.bookingId;
  return { do: 'update', id: record.id, properties, provenance: 'matched' };
}

export type MeetingErasure =
  | { readonly do: 'nothing' }
  | { readonly do: 'blank'; readonly id: string; readonly clear: readonly string[]; readonly archive: boolean }
  | { readonly do: 'stuck'; readonly code: 'archived-by-client'; readonly id: string };

/** What becomes of one meeting: ours is blanked, read back and archived (blanked only where the engagement lets nothing be deleted); of one that the
 * client's calendar made, our values and our key are withdrawn.
 * @param isOurs null when the lead's key is destroyed already */
export function decideMeetingErasure(i: {
  readonly words: Words;
  readonly key: string;
  readonly link: Link;
  readonly record: VendorRecord | undefined;
  readonly deletes: boolean;
  readonly isOurs: IsOurs | null;
}): MeetingErasure {
  const { record, link, isOurs } = i;
  const { bookingKey, meetingTexts } = i.words;
  if (!record) return { do: 'nothing' };
  const texts = meetingTexts.filter((p) => record.properties[p] !== undefined);
  if (link.provenance === 'created') {
    if (record.archived && i.words.purgesBin && i.deletes)
      return { do: 'blank', id: record.id, clear: [], archive: true };
    if (record.archived)
      return texts.length ? { do: 'stuck', code: 'archived-by-client', id: record.id } : { do: 'nothing' };
    return { do: 'blank', id: record.id, clear: texts, archive: i.deletes };
  }
  const clear: string[] = Object.keys(link.marks).filter(
    (p) => record.properties[p] !== undefined && isOurs !== null && isOurs(p, record.properties[p]),
  );
  if (record.properties[bookingKey] === i.key) clear.push(bookingKey);
  if (record.archived)
    return clear.length ? { do: 'stuck', code: 'archived-by-client', id: record.id } : { do: 'nothing' };
  return { do: 'blank', id: record.id, clear, archive: false };
}

/** Reading back a meeting without any key of the lead: does it still hold words of ours, or is it where it should not be? */
export function meetingLeft(
  words: Words,
  action: SettledAction,
  key: string,
  record: VendorRecord | undefined,
): boolean {
  if (!record) return false;
  const worded = words.meetingTexts.some((p) => record.properties[p] !== undefined);
  if (action === 'archived') return worded || !record.archived;
  if (action === 'blanked') return worded;
  if (action === 'stuck') return worded || !record.archived;
  return record.properties[words.bookingKey] === key && worded;
}
