import { LeadObjected, LeadReleased, LeadRestricted } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LeadNews } from '../services/lead-news.service.js';

/** The person said no (F5), or is in dispute (F4): nothing more is told of them. */
@Controller()
export class OnLeadNo {
  constructor(private readonly news: LeadNews) {}

  @Consumes(LeadObjected)
  objected(e: LeadObjected, tx: EntityManager): Promise<void> {
    return this.news.no(tx, e, 'objected');
  }

  @Consumes(LeadRestricted)
  restricted(e: LeadRestricted, tx: EntityManager): Promise<void> {
    return this.news.no(tx, e, 'restricted');
  }

  @Consumes(LeadReleased)
  released(e: LeadReleased, tx: EntityManager): Promise<void> {
    return this.news.released(tx, e);
  }
}
