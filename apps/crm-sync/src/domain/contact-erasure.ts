import { type IsOurs, LEAD_KEY, type Link, MORE_EMAILS, type VendorRecord } from './records.js';

export type ContactErasure =
  | { readonly do: 'nothing' }
  | { readonly do: 'delete'; readonly id: string }
  | {
      readonly do: 'withdraw';
      readonly id: string;
      /** Property → what is left in it: nothing, or the other addresses of a list. */
      readonly clear: Readonly<Record<string, string>>;
      /** Fields of a record of the client's may still hold our values, but with the lead's key gone nobody can tell. */
      readonly unsure: boolean;
    }
  /** The client put their own record into the recycle bin: it can neither be written nor is it ours to delete. */
  | { readonly do: 'stuck'; readonly code: 'archived-by-client'; readonly id: string };

/** Whether a record has become the client's own: matched, merged, or edited by somebody else since (architecture.md §6). */
export function takenOver(link: Link, record: VendorRecord, isOurs: IsOurs | null): boolean {
  if (link.provenance === 'matched' || link.merged) return true;
  if (record.mergedIds.length > 0 || (link.vendorId ?? record.id) !== record.id) return true;
  if (record.foreign.length > 0) return true;
  return (
    isOurs !== null &&
    Object.keys(link.marks).some((p) => record.properties[p] !== undefined && !isOurs(p, record.properties[p]))
  );
}

/** What becomes of one contact when its lead is erased (E1, E6): deleted only with its last link, if we made it and the client has not taken it
 * over, and if the engagement says so; else every field that still holds our value is withdrawn, and our key.
 * @param isOurs null when the lead's key is destroyed already (the order was cleared before we could ask)
 * @param otherLinks leads other than this one whose link leads to the same record */
export function decideContactErasure(i: {
  readonly key: string;
  readonly link: Link;
  readonly record: VendorRecord | undefined;
  readonly otherLinks: number;
  readonly deletes: boolean;
  readonly isOurs: IsOurs | null;
}): ContactErasure {
  const { record, link, isOurs } = i;
  if (!record) return { do: 'nothing' };
  const theirs = takenOver(link, record, isOurs);
  if (i.deletes && !theirs && i.otherLinks === 0) return { do: 'delete', id: record.id };
  if (record.archived) return { do: 'stuck', code: 'archived-by-client', id: record.id };

  const marked = Object.keys(link.marks).filter(
    (p) => p !== LEAD_KEY && record.properties[p] !== undefined && !record.foreign.includes(p),
  );
  const blind = isOurs === null;
  const ours = marked.filter((p) =>
    blind ? link.provenance === 'created' && !link.merged : isOurs(p, record.properties[p] as string),
  );
  const clear: Record<string, string> = Object.fromEntries(ours.map((p) => [p, '']));
  if (record.properties[LEAD_KEY] === i.key) clear[LEAD_KEY] = '';
  const others = isOurs && otherAddresses(record, isOurs);
  if (others) clear[MORE_EMAILS] = others.join(';');
  return { do: 'withdraw', id: record.id, clear, unsure: blind && ours.length < marked.length };
}

/** The additional addresses that are not ours; null when none of them is. */
function otherAddresses(record: VendorRecord, isOurs: IsOurs): string[] | null {
  const all = (record.properties[MORE_EMAILS] ?? '').split(';').filter((a) => a !== '');
  const others = all.filter((a) => !isOurs('email', a));
  return others.length < all.length ? others : null;
}

/** After withdrawing: the fields that should be empty and are not. A field somebody filled with another value meanwhile is theirs. */
export function stillHolding(
  record: VendorRecord | undefined,
  clear: Readonly<Record<string, string>>,
  isOurs: IsOurs | null,
): string[] {
  if (!record) return [];
  return Object.keys(clear).filter((p) => {
    const value = record.properties[p];
    if (value === undefined) return false;
    if (p === MORE_EMAILS) return isOurs !== null && otherAddresses(record, isOurs) !== null;
    return p === LEAD_KEY || isOurs === null || isOurs(p, value);
  });
}

/** What was done to a vendor's record for an order. `none`: it was not there. `stuck`: it could not be done (yet). */
export type SettledAction = 'none' | 'deleted' | 'withdrawn' | 'archived' | 'blanked' | 'stuck';

/** Reading back a contact after the purge time, without any key of the lead: is something of ours still there?
 * @param record found by its id or by our key, recycle bin included */
export function contactLeft(action: SettledAction, key: string, record: VendorRecord | undefined): boolean {
  if (!record) return false;
  if (action === 'deleted' || action === 'stuck') return true;
  return record.properties[LEAD_KEY] === key;
}
