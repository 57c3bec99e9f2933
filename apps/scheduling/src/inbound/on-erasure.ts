import { EngagementErasureOrdered, ErasureCleared, LeadErasureOrdered } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ForgetService } from '../services/forget.service.js';

/** The erasure saga's words to scheduling (protocols.md §1). */
@Controller()
export class OnErasure {
  constructor(private readonly forget: ForgetService) {}

  @Consumes(LeadErasureOrdered)
  async leadOrdered(e: LeadErasureOrdered, tx: EntityManager) {
    await this.forget.order(tx, e);
  }

  @Consumes(EngagementErasureOrdered)
  async engagementOrdered(e: EngagementErasureOrdered, tx: EntityManager) {
    await this.forget.order(tx, e);
  }

  @Consumes(ErasureCleared)
  async cleared(e: ErasureCleared, tx: EntityManager) {
    await this.forget.cleared(tx, e);
  }
}
