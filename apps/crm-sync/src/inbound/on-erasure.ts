import { EngagementErasureOrdered, ErasureCleared, LeadErasureOrdered } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Erasure } from '../services/erasure.service.js';

/** The erasure saga's words to crm-sync: stop and ask the vendor; once everybody has asked, delete and read back. */
@Controller()
export class OnErasure {
  constructor(private readonly erasure: Erasure) {}

  @Consumes(LeadErasureOrdered)
  lead(e: LeadErasureOrdered, tx: EntityManager): Promise<void> {
    return this.erasure.ordered(tx, e);
  }

  @Consumes(EngagementErasureOrdered)
  engagement(e: EngagementErasureOrdered, tx: EntityManager): Promise<void> {
    return this.erasure.ordered(tx, e);
  }

  @Consumes(ErasureCleared)
  cleared(e: ErasureCleared, tx: EntityManager): Promise<void> {
    return this.erasure.cleared(tx, e);
  }
}
