import type { Ground } from './events/agency.js';

/** Why contact data is read (architecture.md §2): the door answers, and audits, by purpose. `booking` gets statuses, no data. */
export const CONTACT_PURPOSES = ['booking', 'invite', 'crm', 'erasure'] as const;
export type ContactPurpose = (typeof CONTACT_PURPOSES)[number];

/** The categories of B1, and no others. Phones are E.164, e-mail as written (trimmed). */
export interface Contact {
  name: string;
  company?: string;
  title?: string;
  email?: string;
  phone?: string;
  social?: string;
}

/** What the person must be told (GDPR Art. 14): said on the phone or carried by the first message (B8). */
export interface Notice {
  /** Where the data came from, as the engagement's intake recorded it. */
  source: string;
  ground: Ground;
  obtainedAt: string;
  /** Name of the controller. */
  controller: string;
}

export const CONTACT_REFUSALS = ['restricted', 'objected', 'not-informed', 'erased', 'unknown'] as const;
export type ContactRefusal = (typeof CONTACT_REFUSALS)[number];

/** One answer per id asked. `linkKey` (base64url) only for purposes `crm` and `erasure` (protocols.md §2): used, never stored.
 * For purpose `booking` an allowed lead answers `{status: 'ok', version}` without contact and notice. */
export type ContactAnswer =
  | { id: string; status: 'ok'; version: number; contact?: Contact; notice?: Notice; linkKey?: string }
  | { id: string; status: ContactRefusal };
