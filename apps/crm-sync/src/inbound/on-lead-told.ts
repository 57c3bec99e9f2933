import { InviteDelivered, LeadChanged, LeadContacted } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LeadNews } from '../services/lead-news.service.js';

/** The person was told where the data came from (B8), showed interest, or had their data corrected (F2). */
@Controller()
export class OnLeadTold {
  constructor(private readonly news: LeadNews) {}

  @Consumes(LeadContacted, { interleaved: true })
  contacted(e: LeadContacted, tx: EntityManager): Promise<void> {
    return this.news.contacted(tx, e);
  }

  @Consumes(InviteDelivered, { interleaved: true })
  invited(e: InviteDelivered, tx: EntityManager): Promise<void> {
    return this.news.informed(tx, e);
  }

  @Consumes(LeadChanged, { interleaved: true })
  changed(e: LeadChanged, tx: EntityManager): Promise<void> {
    return this.news.changed(tx, e);
  }
}
