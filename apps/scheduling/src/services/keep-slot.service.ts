import { AuditTrail, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { SlotTaken } from '../domain/errors.js';
import { blockedBy } from '../domain/free-starts.js';
import { instantOf, minuteOf } from '../domain/span.js';
import { findKept, insertKept, releaseKept, type KeptSlot } from '../storage/kept-slots.js';
import { lockCase } from '../storage/lead-cases.js';
import { BookingGate, openCase } from './booking-gate.js';
import { Candidates } from './candidates.js';
import { KEPT_SLOT_ENDS } from './telling.js';

export interface NewKept {
  meetingTypeId: string;
  leadId: string;
  hostId: string;
  startsAt: Temporal.Instant;
  forMinutes: number;
}

/** Times kept for a lead who is still thinking: a day, unless said otherwise. They obey what bookings obey, and are in nobody's calendar. */
@Injectable()
export class KeepSlotService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly audit: AuditTrail,
    private readonly gate: BookingGate,
    private readonly candidates: Candidates,
  ) {}

  /** Keeps a slot; what was kept for the lead before is given back in the same transaction, and stands when this one is taken.
   * @returns its id; of the first one when the request is a repeat
   * @throws as booking does */
  async keep(caller: Principal, claim: IdempotencyClaim, wanted: NewKept): Promise<string> {
    const id = randomUUIDv7();
    const asked = await this.gate.ask(caller, claim, wanted, id);
    if ('before' in asked) return asked.before;
    const { type, kept } = asked;
    const { engagementId } = type;
    const candidates = await this.candidates
      .of(type, [wanted.hostId], wanted.leadId, wanted.startsAt, kept)
      .catch((refusal: unknown) => this.gate.twinOr(caller, claim, refusal));
    if ('before' in candidates) return candidates.before;
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before?.resourceId) return before.resourceId;
      const now = this.clock.now();
      await openCase(tx, engagementId, wanted.leadId, now);
      for (const old of await releaseKept(tx, { leadId: wanted.leadId })) {
        await this.due.cancel(tx, { kind: KEPT_SLOT_ENDS, key: old });
      }
      await this.candidates.withRoom(tx, type, candidates, wanted.startsAt);
      const start = minuteOf(wanted.startsAt);
      const until = now.add({ minutes: wanted.forMinutes });
      const slot: KeptSlot = {
        id,
        engagementId,
        ...{ leadId: wanted.leadId, hostId: wanted.hostId, meetingTypeId: type.id },
        startsAt: wanted.startsAt,
        endsAt: instantOf(start + type.lengthMinutes),
        keptUntil: Temporal.Instant.compare(until, wanted.startsAt) < 0 ? until : wanted.startsAt,
        blocked: blockedBy(start, type),
      };
      if (!(await insertKept(tx, slot))) throw new SlotTaken(wanted.hostId, wanted.startsAt);
      const of = { engagementId, leadId: wanted.leadId };
      await this.due.schedule(tx, { kind: KEPT_SLOT_ENDS, key: id, ...of, dueAt: slot.keptUntil });
      await this.#audited(tx, 'slot.kept', caller, slot);
      await settleKey(tx, claim, { status: 201, resourceId: id, ...of });
      return id;
    });
  }

  /** @throws Missing given back meanwhile, run out, or booked */
  async one(caller: Principal, id: string): Promise<KeptSlot> {
    const kept = await this.db.withScope(scopeOfCaller(caller), (tx) => findKept(tx, id));
    if (!kept) throw new Missing('kept slot');
    return kept;
  }

  /** Gives it back. @throws Missing */
  async release(caller: Principal, id: string): Promise<void> {
    const kept = await this.one(caller, id);
    await this.db.withScope(scopeOf(kept.engagementId), async (tx) => {
      await lockCase(tx, kept.leadId);
      if (!(await releaseKept(tx, { id })).length) throw new Missing('kept slot');
      await this.due.cancel(tx, { kind: KEPT_SLOT_ENDS, key: id });
      await this.#audited(tx, 'slot.released', caller, kept);
    });
  }

  /** One due row: its time is up. */
  async end(item: DueItem): Promise<void> {
    const scope = item.engagementId ? scopeOf(item.engagementId) : noEngagement;
    await this.db.withScope(scope, async (tx) => {
      if (item.leadId) await lockCase(tx, item.leadId);
      const kept = await findKept(tx, item.key);
      if (kept && Temporal.Instant.compare(kept.keptUntil, this.clock.now()) <= 0)
        await releaseKept(tx, { id: kept.id });
      await this.due.done(tx, item);
    });
  }

  #audited(tx: Parameters<AuditTrail['record']>[0], action: string, principal: Principal, k: KeptSlot): Promise<void> {
    const { engagementId, leadId } = k;
    return this.audit.record(tx, { action, principal, engagementId, subjectIds: [leadId], detail: { keptSlot: k.id } });
  }
}
