import type { IsOurs, Link, VendorRecord } from './records.js';
import type { Words } from './words.js';

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
  if (record.foreign.length > 0 || record.touched) return true;
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
  readonly words: Words;
  readonly key: string;
  readonly link: Link;
  readonly record: VendorRecord | undefined;
  readonly otherLinks: number;
  readonly deletes: boolean;
  readonly isOurs: IsOurs | null;
}): ContactErasure {
  const { record, link, isOurs } = i;
  if (!record) return { do: 'nothing' };
  const theirs = record.frozen ? link.provenance === 'matched' : takenOver(link, record, isOurs);
  if (i.deletes && !theirs && i.otherLinks === 0) return { do: 'delete', id: record.id };
  if (record.archived) return { do: 'stuck', code: 'archived-by-client', id: record.id };

  return { do: 'withdraw', id: record.id, ...withdrawal({ ...i, record }) };
}

/** The fields of a record that still hold our values, and what is to stand there instead. */
function withdrawal(i: {
  readonly words: Words;
  readonly key: string;
  readonly link: Link;
  readonly record: VendorRecord;
  readonly isOurs: IsOurs | null;
}): { readonly clear: Readonly<Record<string, string>>; readonly unsure: boolean } {
  const { record, link, isOurs, words } = i;
  const { leadKey } = words;
  const marked = Object.keys(link.marks).filter(
    (p) => p !== leadKey && record.properties[p] !== undefined && !record.foreign.includes(p),
  );
  const blind = isOurs === null;
  const ours = marked.filter((p) =>
    blind ? link.provenance === 'created' && !link.merged : isOurs(p, record.properties[p] as string),
  );
  const emptied = ours.map((p): [string, string] => [p, words.emptied(p)]);
  const clear = Object.fromEntries(emptied.filter(([p, rest]) => record.properties[p] !== rest));
  if (record.properties[leadKey] === i.key) clear[leadKey] = '';
  const others = isOurs && otherAddresses(words, record, isOurs);
  if (others && words.moreEmails) clear[words.moreEmails] = others.join(';');
  return { clear, unsure: blind && ours.length < marked.length };
}

/** What becomes of the records that became this one and still hold what they held: ours are deleted, also out of the recycle bin; in the client's own
 * our values are withdrawn. What lies in the recycle bin and is the client's can neither be written nor is it ours to purge: the vendor does. */
export function decideShells(i: {
  readonly words: Words;
  readonly key: string;
  readonly link: Link;
  readonly record: VendorRecord | undefined;
  readonly otherLinks: number;
  readonly deletes: boolean;
  readonly isOurs: IsOurs | null;
}): { readonly id: string; readonly clear: Readonly<Record<string, string>> | null }[] {
  const ours = i.link.provenance === 'created' && i.deletes && i.otherLinks === 0;
  return (i.record?.shells ?? []).flatMap((shell): ReturnType<typeof decideShells> => {
    if (ours) return [{ id: shell.id, clear: null }];
    if (shell.archived) return [];
    const { clear } = withdrawal({ ...i, record: shell });
    return Object.keys(clear).length ? [{ id: shell.id, clear }] : [];
  });
}

/** The additional addresses that are not ours; null when none of them is. */
function otherAddresses(words: Words, record: VendorRecord, isOurs: IsOurs): string[] | null {
  const list = words.moreEmails === undefined ? undefined : record.properties[words.moreEmails];
  const all = (list ?? '').split(';').filter((a) => a !== '');
  const others = all.filter((a) => !isOurs(words.email, a));
  return others.length < all.length ? others : null;
}

/** After withdrawing: the fields that should be empty and are not. A field somebody filled with another value meanwhile is theirs. */
export function stillHolding(
  words: Words,
  record: VendorRecord | undefined,
  clear: Readonly<Record<string, string>>,
  isOurs: IsOurs | null,
): string[] {
  if (!record) return [];
  return Object.keys(clear).filter((p) => {
    const value = record.properties[p];
    if (value === undefined || value === clear[p]) return false;
    if (p === words.moreEmails) return isOurs !== null && otherAddresses(words, record, isOurs) !== null;
    return p === words.leadKey || isOurs === null || isOurs(p, value);
  });
}

/** What was done to a vendor's record for an order. `none`: it was not there. `stuck`: it could not be done (yet). */
export type SettledAction = 'none' | 'deleted' | 'withdrawn' | 'archived' | 'blanked' | 'stuck';

/** Reading back a contact after the purge time, without any key of the lead: is something of ours still there?
 * @param record found by its id or by our key, recycle bin included */
export function contactLeft(
  words: Words,
  action: SettledAction,
  key: string,
  record: VendorRecord | undefined,
): boolean {
  if (!record) return false;
  if (action === 'deleted' || action === 'stuck') return true;
  return record.properties[words.leadKey] === key;
}
