import { itemError, type ItemError } from './errors.js';
import { sobjectOf } from './fields.js';
import { readId } from './ids.js';
import type { Org, SRecord } from './org.js';

const DAY_MS = 86_400_000;

/** Into the recycle bin, with all its text. @returns the records that changed */
export function recycle(org: Org, record: SRecord, by: string, at: string, masterId?: string): SRecord {
  const gone: SRecord = {
    ...record,
    ...{ deletedAt: at, modifiedAt: at, modifiedBy: by },
    ...(masterId ? { masterId } : {}),
  };
  org.put(gone);
  org.noteDeleted(gone, at);
  return gone;
}

/** Deletes by id. Events of a person go with the person, as the vendor does it. */
export function remove(org: Org, text: unknown, by: string, at: string): { changed: SRecord[]; error?: ItemError } {
  const id = readId(text);
  const type = id && sobjectOf(id);
  if (!id || !type) return { changed: [], error: itemError('MALFORMED_ID', 'malformed id') };
  const record = org.find(type, id);
  if (!record) return { changed: [], error: itemError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id') };
  if (record.deletedAt) return { changed: [], error: itemError('ENTITY_IS_DELETED', 'entity is deleted') };
  const changed = [recycle(org, record, by, at)];
  for (const event of org.all('Event'))
    if (event.fields['WhoId'] === id && !event.deletedAt) changed.push(recycle(org, event, by, at));
  return { changed };
}

/** Out of the recycle bin for good. */
export function emptyFromBin(org: Org, text: unknown): { dropped: SRecord[]; error?: ItemError } {
  const id = readId(text);
  const type = id && sobjectOf(id);
  const record = id && type ? org.find(type, id) : undefined;
  if (!record) return { dropped: [], error: itemError('INVALID_ID_FIELD', 'invalid record id') };
  if (!record.deletedAt)
    return { dropped: [], error: itemError('ENTITY_NOT_DELETED', 'entity is not in the recycle bin') };
  org.drop(record);
  return { dropped: [record] };
}

/** Forgets what has lain in the recycle bin for its days. @returns the next purge still ahead, in milliseconds */
export async function purge(org: Org, now: number): Promise<number | null> {
  const due: SRecord[] = [];
  let next: number | null = null;
  for (const record of org.all()) {
    if (!record.deletedAt) continue;
    const at = Date.parse(record.deletedAt) + org.settings.binDays * DAY_MS;
    if (at <= now) due.push(record);
    else next = Math.min(next ?? at, at);
  }
  for (const record of due) org.drop(record);
  if (due.length) await org.saved(due);
  return next;
}
