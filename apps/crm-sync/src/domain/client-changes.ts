import type { VendorRecord } from './records.js';

/** Something happened to a record at a vendor: a reason to look at it, no more. Signals come twice, late and out of order; what is there counts. */
export interface ChangeSignal {
  readonly object: 'contact' | 'meeting';
  /** The vendor's. */
  readonly id: string;
  /** The vendor says that the client erased it for good. */
  readonly erased: boolean;
}

export type ClientChange =
  | { readonly what: 'nothing' }
  /** Not made again (architecture.md §6, CRM records). */
  | { readonly what: 'deleted' | 'erased' }
  /** It was merged into another, or became another: our link follows it, and it is the client's now. */
  | { readonly what: 'moved'; readonly to: string }
  /** Of the fields we wrote, those in which somebody else's value stands now: they are the client's. */
  | { readonly what: 'edited'; readonly fields: readonly string[] };

/** What became of a record of ours.
 * @param found under its id, merges followed; undefined: it is not among the client's records any more
 * @param written names of the fields we ever wrote */
export function clientChange(i: {
  readonly id: string;
  readonly found: VendorRecord | undefined;
  readonly erased: boolean;
  readonly written: readonly string[];
}): ClientChange {
  const { found } = i;
  if (!found || found.archived) return { what: i.erased ? 'erased' : 'deleted' };
  if (found.id !== i.id) return { what: 'moved', to: found.id };
  // Where only the record's last writer is known, a value of ours that is gone was taken out; one that was changed shows by itself (marks).
  const emptied = (f: string): boolean => found.properties[f] === undefined && !found.lacks?.includes(f);
  const fields = i.written.filter((f) => found.foreign.includes(f) || (found.touched && emptied(f)));
  return fields.length ? { what: 'edited', fields } : { what: 'nothing' };
}
