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
  /** Somebody else was the last to write the record. For vendors that know it of the record only, not of each property. */
  readonly touched?: boolean;
  /** Properties of other records that this one has no place for (a contact of Salesforce has no company). */
  readonly lacks?: readonly string[];
  /** Can be deleted, but not written any more (Salesforce: a converted lead). */
  readonly frozen?: boolean;
  /** Records that became this one and still lie there with all they held: converted, or merged and in the recycle bin. */
  readonly shells?: readonly VendorRecord[];
}

export type Provenance = 'created' | 'matched';

/** What we know of the record behind one of our keys. */
export interface Link {
  readonly provenance: Provenance;
  /** null: we may have made it, but the answer never came. */
  readonly vendorId: string | null;
  /** The client merged it, converted it, or was the last to write it: it is theirs now. */
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
