import { InviteDelivered, LeadContacted, LeadErasureAsked, LeadObjected, LeadRegistered } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clocks } from '../services/clocks.service.js';

/** The duty to inform (B8) starts with the registration and ends with the first word; a "no" (F5) ends everything. */
@Controller()
export class OnLead {
  constructor(private readonly clocks: Clocks) {}

  @Consumes(LeadRegistered, { batch: true })
  registered(events: LeadRegistered[], tx: EntityManager): Promise<void> {
    return this.clocks.registered(tx, events);
  }

  @Consumes(LeadContacted, { batch: true })
  async contacted(events: LeadContacted[], tx: EntityManager): Promise<void> {
    const told = events.filter((e) => e.informed);
    await this.clocks.told(
      tx,
      told.map((e) => ({ ...e, toldAt: e.contactedAt })),
    );
  }

  /** The first message carries the notice. */
  @Consumes(InviteDelivered, { batch: true })
  async invited(events: InviteDelivered[], tx: EntityManager): Promise<void> {
    await this.clocks.told(
      tx,
      events.map((e) => ({ ...e, toldAt: e.deliveredAt })),
    );
  }

  @Consumes(LeadObjected)
  objected(e: LeadObjected, tx: EntityManager): Promise<void> {
    return this.clocks.objected(tx, e);
  }

  /** Whoever is no longer needed is erased like everybody else (E3). */
  @Consumes(LeadErasureAsked)
  asked(e: LeadErasureAsked, tx: EntityManager): Promise<void> {
    return this.clocks.erasureAsked(tx, e);
  }
}
