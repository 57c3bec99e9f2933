import { RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { forgetLog, type DueItem } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Injectable } from '@nestjs/common';
import { decideInvite } from '../domain/decide-invite.js';
import { bookingsOf } from '../storage/bookings.js';
import { eventsOf, settleEvent } from '../storage/calendar-events.js';
import { countLeft, deleteRows, lockErasure, updateErasure, type Erasure } from '../storage/erasures.js';
import { invitesOf } from '../storage/invites.js';
import { CalendarErasure } from './calendar-erasure.js';
import { ErasureEnd } from './erasure-end.js';
import { ForgetService } from './forget.service.js';
import { InviteService } from './invite.service.js';

/** After so many failures a recipient outside is named in the receipt instead of being waited for; it is asked again later. */
const PATIENCE = 5;
/** A cancellation that is not sent now is never sent, since the address goes: some five minutes, against seconds for what is looked at again. */
const MAIL_PATIENCE = 12;

/** The work of an erasure order outside transactions. Every step can be repeated, and every one can die anywhere. */
@Injectable()
export class ErasureWorkService {
  constructor(
    private readonly db: Db,
    private readonly forget: ForgetService,
    private readonly invites: InviteService,
    private readonly calendar: CalendarErasure,
    private readonly end: ErasureEnd,
  ) {}

  /** Stop, then settle with who is outside, while the address can still be had: meetings ahead are cancelled, hosts' calendars emptied. */
  async ask(item: DueItem): Promise<void> {
    const erasure = await this.#stop(item);
    if (!erasure) return;
    const scope = scopeOf(item.engagementId);
    const outstanding: string[] = [];
    const cancelled = await this.#cancelAhead(erasure);
    if (!(await this.#tellLeads(erasure, item))) outstanding.push('mail');

    const events = await this.db.withScope(scope, (tx) => eventsOf(tx, erasure));
    const open = events.filter((e) => e.state !== 'erased');
    const unconfirmed = new Set(await this.calendar.erase(item.engagementId, open));
    await this.db.withScope(scope, async (tx) => {
      for (const event of open) if (!unconfirmed.has(event)) await settleEvent(tx, { ...event, state: 'erased' });
    });
    if (unconfirmed.size && item.attempts < PATIENCE) throw new RetryLater('calendar-unconfirmed');
    outstanding.push(...(await this.calendar.recipients(item.engagementId, [...unconfirmed])));

    await this.end.asked(item, erasure, { cancelled, events: events.length - unconfirmed.size }, outstanding);
  }

  async #stop(item: DueItem): Promise<Erasure | undefined> {
    return this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const erasure = await lockErasure(tx, item.key);
      if (!erasure || !['stopping', 'asking'].includes(erasure.stage)) return this.end.nothing(tx, item);
      if (erasure.stage === 'stopping' && !(await this.forget.stopped(tx, erasure))) {
        throw new RetryLater('work-in-flight', 250); // leases end within 60 s
      }
      return { ...erasure, stage: 'asking' };
    });
  }

  async #cancelAhead(erasure: Erasure): Promise<number> {
    const scope = scopeOf(erasure.engagementId);
    const bookings = await this.db.withScope(scope, (tx) => bookingsOf(tx, erasure));
    let cancelled = erasure.counts['cancelled'] ?? 0;
    for (const booking of bookings.filter((b) => b.state === 'booked')) {
      cancelled = await this.db.withScope(scope, async (tx) => {
        if (!(await this.forget.cancelAhead(tx, booking))) return cancelled;
        const current = await lockErasure(tx, erasure.orderId);
        if (current) await updateErasure(tx, { ...current, counts: { ...current.counts, cancelled: cancelled + 1 } });
        return cancelled + 1;
      });
    }
    return cancelled;
  }

  /** METHOD:CANCEL for meetings ahead whose invite may have arrived; also one that was refused because the lead may not be written to. @returns false when the mail server stayed away */
  async #tellLeads(erasure: Erasure, item: DueItem): Promise<boolean> {
    const scope = scopeOf(erasure.engagementId);
    const now = this.end.now();
    const untold = await this.db.withScope(scope, async (tx) => {
      const all = await bookingsOf(tx, erasure);
      const ahead = all.filter((b) => b.state === 'cancelled' && Temporal.Instant.compare(b.endsAt, now) > 0);
      const found = [];
      for (const b of ahead) if (decideInvite(b, await invitesOf(tx, b.id), true) === 'CANCEL') found.push(b);
      return found;
    });
    let all = true;
    for (const booking of untold) {
      try {
        await this.invites.tell(booking, 'CANCEL', 'erasure');
      } catch (error) {
        if (item.attempts < MAIL_PATIENCE) throw error;
        log.warn('erasure.mail-unsent', { orderId: erasure.orderId }, error);
        all = false;
      }
    }
    return all;
  }

  /** After `erasure.cleared`: the rows go, then everything is read back. What does not confirm is named, and looked at again every day. */
  async deleteAndReadBack(item: DueItem): Promise<void> {
    const erasure = await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const found = await lockErasure(tx, item.key);
      if (!found) return this.end.nothing(tx, item);
      if (found.stage !== 'cleared') return found;
      // Cleared by time before we could stop: what is being written would land after the reading back.
      if (await this.forget.isAtWork(tx, found)) throw new RetryLater('work-in-flight', 250);
      // Ids of events outlive their rows until the vendor has confirmed: they name no lead.
      const events = (await eventsOf(tx, found)).map(({ connectionId, eventId }) => ({ connectionId, eventId }));
      const counts = { ...found.counts, ...(await deleteRows(tx, found)), events: events.length };
      const next: Erasure = { ...found, stage: 'reading-back', counts, events };
      await updateErasure(tx, next);
      return next;
    });
    if (!erasure) return;
    const of = { engagementId: erasure.engagementId, ...(erasure.leadId ? { leadId: erasure.leadId } : {}) };
    const inLog = await forgetLog(this.db, of);
    const left = inLog + (await this.db.asCount((tx) => countLeft(tx, erasure)));
    const unconfirmed = await this.calendar.erase(item.engagementId, erasure.events);
    if ((left > 0 || unconfirmed.length > 0) && item.attempts < PATIENCE) {
      throw new RetryLater(left > 0 ? 'rows-not-gone-yet' : 'calendar-unconfirmed');
    }
    const outstanding = await this.calendar.recipients(item.engagementId, unconfirmed);
    await this.end.verified(item, { ...erasure, events: unconfirmed }, left, outstanding);
  }
}
