import { ContactsClient, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing, RetryLater } from '@avtala/contracts';
import { Db, rows } from '@avtala/database';
import { answeredBefore, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EngagementNotOpen, LeadNotBookable } from '../domain/errors.js';
import { shareEngagement } from '../storage/engagements.js';
import { keptOf, type KeptSlot } from '../storage/kept-slots.js';
import { findCase, lockCase, type LeadCase } from '../storage/lead-cases.js';
import { findMeetingType, type MeetingType } from '../storage/meeting-types.js';

/** What is asked before a lead is given any of a host's time. */
@Injectable()
export class BookingGate {
  constructor(
    private readonly db: Db,
    private readonly contacts: ContactsClient,
  ) {}

  /** @param id of what is to be made: the reason given at the door
   * @returns the first answer's id when the request is a repeat; else the type, and the slot kept for the lead
   * @throws Missing, LeadNotBookable; RetryLater when the door is away, or the lead's registration is still on its way */
  async ask(
    caller: Pick<Principal, 'engagementIds'>,
    claim: IdempotencyClaim,
    wanted: { meetingTypeId: string; leadId: string; hostId?: string | undefined },
    id: string,
  ): Promise<{ before: string } | { type: MeetingType; kept: KeptSlot | undefined }> {
    const asked = await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const before = await answeredBefore(tx, claim);
      if (before?.resourceId) return { before: before.resourceId };
      return {
        type: await findMeetingType(tx, wanted.meetingTypeId),
        lead: await findCase(tx, wanted.leadId),
        kept: await keptOf(tx, wanted.leadId),
      };
    });
    if (asked.before !== undefined) return { before: asked.before };
    const { type, lead, kept } = asked;
    if (!type || (wanted.hostId && !type.hostIds.includes(wanted.hostId))) throw new Missing('meeting type or host');
    if (lead ? lead.engagementId !== type.engagementId : await this.#isElsewhere(wanted.leadId))
      throw new Missing('lead');
    await mayBeContacted(this.contacts, wanted.leadId, id);
    if (!lead) throw new RetryLater('lead-not-here-yet'); // the door knows them: their registration is on its way
    return { type, kept };
  }

  /** For a refusal on the way: a twin of the request may have taken the very time that this one then finds taken.
   * @returns the first answer's id
   * @throws the refusal, when there was no twin */
  async twinOr(
    caller: Pick<Principal, 'engagementIds'>,
    claim: IdempotencyClaim,
    refusal: unknown,
  ): Promise<{ before: string }> {
    const before = await this.db.withScope(scopeOfCaller(caller), (tx) => answeredBefore(tx, claim));
    if (!before?.resourceId) throw refusal;
    return { before: before.resourceId };
  }

  // Asked before the door: what it says of another engagement's lead (objected, erased) is not for this caller.
  async #isElsewhere(leadId: string): Promise<boolean> {
    return this.db.asCount(
      async (tx) => (await rows(tx, 'select 1 from lead_case where lead_id = $1', [leadId])).length > 0,
    );
  }
}

/** The last gate before anything is agreed with a person: whoever said no a second ago is not booked (architecture.md §2).
 * @throws Missing, LeadNotBookable, RetryLater */
export async function mayBeContacted(contacts: ContactsClient, leadId: string, eventId: string): Promise<void> {
  const status = (await contacts.read([leadId], 'booking', eventId)).get(leadId)?.status ?? 'unknown';
  if (status === 'unknown') throw new Missing('lead');
  if (status !== 'ok') throw new LeadNotBookable(status);
}

/** Locks, and checks under the lock, that the engagement is open and the lead may be booked (A5, B5, F4).
 * An order to erase waits for this transaction, or has committed its tombstone before the lock was given. */
export async function openCase(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
  now: Temporal.Instant,
): Promise<LeadCase> {
  const engagement = await shareEngagement(tx, engagementId);
  if (!engagement?.startedAt) throw new RetryLater('engagement-not-here-yet');
  if (Temporal.Instant.compare(now, engagement.startedAt) < 0) {
    throw new EngagementNotOpen('engagement-not-started');
  }
  if (engagement.endedAt && Temporal.Instant.compare(now, engagement.endedAt) >= 0) {
    throw new EngagementNotOpen('engagement-ended');
  }
  const lead = await lockCase(tx, leadId);
  if (await isBuried(tx, { leadId, engagementId })) throw new LeadNotBookable('erased');
  if (!lead) throw new Missing('lead');
  if (lead.objected) throw new LeadNotBookable('objected');
  if (lead.restricted) throw new LeadNotBookable('restricted');
  return lead;
}
