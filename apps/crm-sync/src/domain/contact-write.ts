import type { IsOurs, Link, Provenance, VendorRecord } from './records.js';
import type { Words } from './words.js';

/** Where a lead was looked for at the vendor; e-mail is asked only where neither our key nor a stored id led anywhere. */
export interface Found {
  readonly byKey?: VendorRecord;
  readonly byId?: VendorRecord;
  readonly byEmail?: VendorRecord;
}

export type ContactWrite =
  | { readonly do: 'create'; readonly properties: Readonly<Record<string, string>> }
  | {
      readonly do: 'update';
      readonly id: string;
      readonly provenance: Provenance;
      readonly merged: boolean;
      /** Empty: the record is as it should be, only the link is recorded. */
      readonly properties: Readonly<Record<string, string>>;
    }
  | { readonly do: 'stop'; readonly code: 'deleted-by-client' };

/** What to write about one lead (architecture.md §6, CRM records): match first; on a record that is there, only its empty fields, values that are
 * still ours, and our own key. A record the client deleted is not made again.
 * @param wanted vendor property → value, already through the mapping's allow-list (D2) */
export function decideContactWrite(i: {
  readonly words: Words;
  readonly key: string;
  readonly wanted: Readonly<Record<string, string>>;
  readonly found: Found;
  readonly link: Link | undefined;
  readonly isOurs: IsOurs;
}): ContactWrite {
  const { link, found } = i;
  const linked = found.byKey ?? found.byId;
  if (link?.gone || linked?.frozen || (!linked && link?.vendorId)) return { do: 'stop', code: 'deleted-by-client' };
  const record = linked ?? found.byEmail;
  if (!record) return { do: 'create', properties: i.words.complete(i.wanted) };

  // Our key on a record without a link of ours: nothing says that we made it, so it is treated as the client's.
  const provenance = linked && link ? link.provenance : 'matched';
  const moved = record.mergedIds.length > 0 || (link?.vendorId ?? record.id) !== record.id;
  // Once it is known that somebody else works with the record it stays known: our next write would hide it.
  const merged = (link?.merged ?? false) || moved || (link !== undefined && record.touched === true);
  // What the client took out stays out: seen before, or seen now by who wrote last and that we had filled it.
  const emptied = (p: string): boolean =>
    (link?.theirs?.includes(p) ?? false) || (record.touched === true && link?.marks[p] !== undefined);
  const wanted = Object.entries(i.wanted).filter(([p]) => record.properties[p] !== undefined || !emptied(p));
  const properties: Record<string, string> = fillable(record, Object.fromEntries(wanted), i.isOurs);
  // One record can carry one key: another lead's (a merge, or another engagement of the client) is left alone, the link by id is enough.
  const { leadKey } = i.words;
  if (!record.properties[leadKey] && !record.lacks?.includes(leadKey)) properties[leadKey] = i.key;
  return { do: 'update', id: record.id, provenance, merged, properties };
}

/** The wanted values that may be written: into empty fields, and over values that are still ours. */
export function fillable(
  record: VendorRecord,
  wanted: Readonly<Record<string, string>>,
  isOurs: IsOurs,
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [property, value] of Object.entries(wanted)) {
    const present = record.properties[property];
    if (present === value || record.lacks?.includes(property)) continue;
    if (!present || isOurs(property, present)) properties[property] = value;
  }
  return properties;
}
