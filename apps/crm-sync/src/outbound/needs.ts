import type { VendorRecord } from '../domain/records.js';

/** Real time (ms since the epoch) after which no further call may start: the work's lease must not run out under a call. */
export interface CallOptions {
  readonly until: number;
  /** May use the day's calls that are kept for the client's other apps: an erasure has a clock of its own, and an objection holds at once. */
  readonly urgent?: boolean;
}

export interface Write {
  /** Our idempotency key: the lead's or the booking's id. A repeat with the same key never makes a second record. */
  readonly key: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What became of one record of a batch; the others are not concerned. */
export type WriteOutcome =
  | {
      readonly key: string;
      readonly ok: true;
      readonly id: string;
      readonly properties: Readonly<Record<string, string>>;
      /** The vendor's name of the call, for asking it about. */
      readonly requestId?: string;
    }
  | {
      readonly key: string;
      readonly ok: false;
      /** The vendor's code, e.g. VALIDATION_ERROR; CONFLICT = another record has one of the unique values. */
      readonly code: string;
      /** Names of the properties it names, never values. */
      readonly fields: readonly string[];
      readonly requestId?: string;
      /** Of a conflict: the record in the way. */
      readonly existingId?: string;
    };

export interface FindOptions extends CallOptions {
  /** Look in the recycle bin instead. */
  readonly archived?: boolean;
  /** Also learn which properties somebody else wrote last (`VendorRecord.foreign`). */
  readonly authors?: boolean;
  /** The record itself: do not follow merges and conversions. */
  readonly exact?: boolean;
}

/** People in a client's CRM, as we need them. All methods: @throws RetryLater on 429, 5xx and time-outs (the call may have worked),
 * VendorRefused on another refusal of the whole call, ReconnectNeeded when our access was taken back. */
export interface ContactBook {
  /** @param values at most 100 are asked at once, duplicates are dropped
   * @returns asked value → record; what is not there is absent. A merged record is found under its former id */
  find(
    by: 'id' | 'key' | 'email',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>>;
  /** Makes the record, or brings the one that carries the key up to date. */
  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]>;
  /** '' empties a property. */
  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]>;
  /** Names of the properties people and apps can write: an edit of any of them shows that the record is in use. */
  writable(o: CallOptions): Promise<string[]>;
  /** Erases for good; the vendor may take its purge time. Repeating it is harmless.
   * @returns those there was time for: at least one */
  erase(ids: readonly string[], o: CallOptions): Promise<string[]>;
  /** Marks that these people want no marketing, wherever the account has a field for it.
   * @returns the vendor's codes for records it would not mark
   * @throws RetryLater also where it was the wrong moment for one of them */
  optOut?(ids: readonly string[], o: CallOptions): Promise<string[]>;
}

/** A meeting and its person, by the vendor's ids. */
export interface Pair {
  readonly meetingId: string;
  readonly contactId: string;
}

export interface NotJoined {
  readonly meetingId: string;
  /** The vendor's; null = it was the wrong moment: the same call will do later. */
  readonly code: string | null;
}

/** Meetings in a client's CRM. Errors as {@link ContactBook}. */
export interface MeetingLog {
  find(
    by: 'id' | 'key' | 'calendarUid',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>>;
  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]>;
  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]>;
  /** Shows the meeting with the person; repeating it is harmless.
   * @returns the meetings that are not shown with their person */
  join(pairs: readonly Pair[], o: CallOptions): Promise<NotJoined[]>;
  /** Into the recycle bin, with whatever text it still has: blank it first. */
  archive(ids: readonly string[], o: CallOptions): Promise<void>;
}

/** One account at one vendor. */
export interface Crm {
  readonly contacts: ContactBook;
  readonly meetings: MeetingLog;
  /** Makes our own unique properties where they are missing. @throws VendorRefused e.g. `property-not-unique` */
  prepare(o: CallOptions): Promise<void>;
  /** Whether we may read and write: a write test that leaves nothing behind. @throws as the others */
  check?(o: CallOptions): Promise<void>;
  /** What the client changed or deleted, for vendors that do not call us.
   * @param cursor of the last answer; null = from now on */
  changes?(cursor: string | null, o: ChangeFeed): Promise<Changes>;
}

export interface ChangeFeed extends CallOptions {
  /** Business time, which is the vendor's. */
  readonly now: Temporal.Instant;
}

export interface Changes {
  /** Everybody's records, ours among them: a signal to look at those we know, no more. */
  readonly records: readonly { readonly object: 'contact' | 'meeting'; readonly id: string }[];
  readonly cursor: string;
  /** There is more behind the cursor already. */
  readonly more: boolean;
}

export interface AccessToken {
  readonly value: string;
  /** Root of the account's API, for vendors that name one with the token. */
  readonly at?: string;
  /** The vendor's id of the user we act as. */
  readonly as?: string;
  /** Counts up with every refresh, so that ten who found it expired refresh it once. */
  readonly version: number;
}

/** Gives the adapter a token; storing and refreshing it is the service's business. */
export interface TokenSource {
  current(): Promise<AccessToken>;
  /** @param stale version that the vendor refused; a newer one is given back without asking the vendor again */
  renew(stale: number): Promise<AccessToken>;
}

/** What the vendor's token endpoint said. */
export interface FreshTokens {
  readonly accessToken: string;
  /** The one that is good from now on; absent where none is needed. */
  readonly refreshToken?: string;
  /** Seconds of real time; absent when the vendor does not say: it is used until it is refused. */
  readonly expiresIn?: number;
  readonly at?: string;
  readonly as?: string;
  /** The vendor's name of the account. */
  readonly portalId: string | undefined;
}
