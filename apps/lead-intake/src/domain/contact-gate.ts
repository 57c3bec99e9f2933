import type { ContactPurpose, ContactRefusal } from '@avtala/contracts';

/** What the door knows of a lead when it is asked for contact data. */
export interface AtTheDoor {
  /** A tombstone of the lead or its engagement is there. */
  buried: boolean;
  restricted: boolean;
  /** The lead's state is `objected`, or one of its hashes is on the suppression list. */
  objected: boolean;
  informed: boolean;
}

/** The last gate before every outgoing act (architecture.md §2): null lets the data through.
 * An erasure must still be told to its recipients, so purpose `erasure` passes whatever was said, until the key is gone.
 * Only `crm` waits for the duty to inform (B8): an invite carries the notice itself. */
export function refusalAtTheDoor(lead: AtTheDoor, purpose: ContactPurpose): ContactRefusal | null {
  if (purpose === 'erasure') return null;
  if (lead.buried) return 'erased';
  if (lead.objected) return 'objected';
  if (lead.restricted) return 'restricted';
  if (purpose === 'crm' && !lead.informed) return 'not-informed';
  return null;
}
