import { EngagementErasureOrdered, ErasureCleared, LeadErasureOrdered, LeadSaidNo } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller, Inject } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Erasure } from '../services/erasure.service.js';

@Controller()
export class OnErasure {
  constructor(@Inject(Erasure) private readonly erasure: Erasure) {}

  @Consumes(LeadErasureOrdered)
  async lead(event: LeadErasureOrdered, tx: EntityManager): Promise<void> {
    await this.erasure.orderLead(tx, event);
  }

  @Consumes(EngagementErasureOrdered)
  async engagement(event: EngagementErasureOrdered, tx: EntityManager): Promise<void> {
    await this.erasure.orderEngagement(tx, event);
  }

  /** B5: also while they are being erased for another reason. */
  @Consumes(LeadSaidNo)
  async saidNo(event: LeadSaidNo, tx: EntityManager): Promise<void> {
    await this.erasure.saidNo(tx, event);
  }

  @Consumes(ErasureCleared)
  async cleared(event: ErasureCleared, tx: EntityManager): Promise<void> {
    await this.erasure.cleared(tx, event);
  }
}
