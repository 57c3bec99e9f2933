/** Our own property on the vendor's contacts: unique there, its value is the lead's id. What was ever attempted is found again by it. */
export const LEAD_KEY = 'avtala_lead_key';
/** The same on meetings; its value is the booking's id. */
export const BOOKING_KEY = 'avtala_booking_key';

/** Where a merge leaves the address of the record that went: a list, separated by semicolons. */
export const MORE_EMAILS = 'hs_additional_emails';

/** A vendor's record as it was just read. Empty properties are absent. */
export interface VendorRecord {
  readonly id: string;
  /** In the vendor's recycle bin: not in lists any more, but with all its text. */
  readonly archived: boolean;
  readonly properties: Readonly<Record<string, string>>;
  /** Ids of records that were merged into this one. */
  readonly mergedIds: readonly string[];
  /** Properties whose present value a person or another app wrote; known only when read with authors. */
  readonly foreign: readonly string[];
}

export type Provenance = 'created' | 'matched';

/** What we know of the record behind one of our keys. */
export interface Link {
  readonly provenance: Provenance;
  /** null: we may have made it, but the answer never came. */
  readonly vendorId: string | null;
  /** The client merged it with another record: it is theirs now. */
  readonly merged: boolean;
  /** The client deleted it: it is not made again. */
  readonly gone: boolean;
  /** How, where we know it. */
  readonly goneWhy?: 'deleted' | 'erased' | null;
  /** Properties in which the client's own value was seen since: theirs, whatever stands there now. */
  readonly theirs?: readonly string[];
  /** Property → HMACs (by the lead's linkKey) of every value we wrote or were about to write there. */
  readonly marks: Readonly<Record<string, readonly string[]>>;
}

/** Whether a value found in a property is one that we wrote. */
export type IsOurs = (property: string, value: string) => boolean;
