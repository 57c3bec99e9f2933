import type { Ground } from '@avtala/contracts';
import { randomUUIDv7 } from 'node:crypto';
import { holdsIdentityNumber, namesSpecialCategory } from '@avtala/screening';
import { ConsentUnproven, IntakeClosed, LeadRefused } from '../domain/errors.js';
import type { Engagement } from '../storage/engagement.js';
import type { ConsentWording, Provenance } from '../storage/provenance.js';

/** What B2 and B3 ask for before anybody is taken in. */
export interface StatedProvenance {
  source: string;
  /** Who handed it over, when that is not the source itself. */
  supplier?: string;
  ground: Ground;
  /** When the data was obtained; default now. */
  obtainedAt?: string;
  consentWording?: ConsentWording;
}

/** @throws ConsentUnproven, LeadRefused a text that names a person instead of the supplier */
export function provenanceOf(stated: StatedProvenance, now: Temporal.Instant): Provenance {
  const { consentWording: consent } = stated;
  // Consent that will be given some day is none (B4).
  const given = consent && Temporal.Instant.compare(Temporal.Instant.from(consent.givenAt), now) <= 0;
  if (consent ? !given : stated.ground === 'consent') throw new ConsentUnproven();
  refuseIdentity(stated.source, 'source');
  if (stated.supplier) refuseIdentity(stated.supplier, 'source');
  for (const text of Object.values(stated.consentWording ?? {})) refuseIdentity(text, 'consentWording');
  const obtainedAt = stated.obtainedAt ? Temporal.Instant.from(stated.obtainedAt) : now;
  return {
    id: randomUUIDv7(),
    source: stated.source.trim(),
    supplier: stated.supplier?.trim() ?? null,
    ground: stated.ground,
    obtainedAt: (Temporal.Instant.compare(obtainedAt, now) > 0 ? now : obtainedAt).toString(),
    consent: stated.consentWording ?? null,
  };
}

/** The text is kept in the clear, since it is about the supplier: so it may not name a person by number or address.
 * @throws LeadRefused */
export function refuseIdentity(text: string, field: 'source' | 'consentWording'): void {
  if (holdsIdentityNumber(text)) throw new LeadRefused('identity-number', field);
  if (namesSpecialCategory(text)) throw new LeadRefused('special-category', field);
  if (/\S@\S/.test(text)) throw new LeadRefused('text-invalid', field);
}

/** @throws IntakeClosed unless the engagement runs, and has an assessment where the ground needs one (B3) */
export function requireOpen(
  engagement: Engagement | undefined,
  ground: Ground | null,
  now: Temporal.Instant,
): asserts engagement is Engagement {
  if (!engagement) throw new IntakeClosed('engagement-not-open');
  const ended = engagement.ended_at && engagement.ended_at.getTime() <= now.epochMilliseconds;
  if (ended || engagement.erasing) throw new IntakeClosed('engagement-ended');
  if (ground === 'legitimate-interest' && !engagement.assessed) throw new IntakeClosed('assessment-missing');
}
