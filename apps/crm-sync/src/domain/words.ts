import type { CrmKind } from './connection-rules.js';
import { HUBSPOT_WORDS } from './words-hubspot.js';
import { SALESFORCE_WORDS } from './words-salesforce.js';
import type { Mapping } from './mapping.js';
import type { Meeting } from './meeting.js';

/** What one vendor calls the things we write. Everything else about vendors is in `outbound/`. */
export interface Words {
  /** Our own property on people: unique there, its value is the lead's id. What was ever attempted is found again by it. */
  readonly leadKey: string;
  /** The same on meetings; its value is the booking's id. */
  readonly bookingKey: string;
  /** The property people are matched by. */
  readonly email: string;
  /** Where a merge leaves the address of the record that went: a list, separated by semicolons. */
  readonly moreEmails: string | undefined;
  readonly defaultMapping: Mapping;
  /** What a property's name looks like. */
  readonly property: RegExp;
  /** Properties that are the vendor's own bookkeeping. */
  readonly reserved: RegExp;
  /** Properties of a meeting that may hold words about a person. Blanked before the record goes: an archived meeting keeps its text. */
  readonly meetingTexts: readonly string[];
  /** Whether accounts may have fields in which a person's objection can be marked. */
  readonly optsOut: boolean;
  /** Whether what lies in the recycle bin can be taken out of it for good by us. */
  readonly purgesBin: boolean;
  /** All that `meeting` writes. */
  readonly meetingFields: readonly string[];
  /** @param name of the lead, or undefined when the mapping does not let names through (D2) */
  meeting(meeting: Meeting, name: string | undefined): Record<string, string>;
  /** Properties in the places where the vendor wants them. */
  arrange(properties: Readonly<Record<string, string>>): Record<string, string>;
  /** A person's properties with what the vendor makes no record without. */
  complete(properties: Readonly<Record<string, string>>): Record<string, string>;
  /** What stands in a property when our value has been taken out of it: nothing, where the vendor allows that. */
  emptied(property: string): string;
}

const WORDS: Readonly<Record<CrmKind, Words>> = { hubspot: HUBSPOT_WORDS, salesforce: SALESFORCE_WORDS };

export const wordsOf = (kind: CrmKind): Words => WORDS[kind];
