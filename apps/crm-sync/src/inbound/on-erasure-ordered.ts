import { EngagementErasureOrdered, LeadErasureOrdered } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Erasure } from '../services/erasure.service.js';

@Controller()
export class OnErasureOrdered {
  constructor(private readonly erasure: Erasure) {}

  @Consumes(LeadErasureOrdered)
  lead(e: LeadErasureOrdered, tx: EntityManager): Promise<void> {
    return this.erasure.ordered(tx, e);
  }

  @Consumes(EngagementErasureOrdered)
  engagement(e: EngagementErasureOrdered, tx: EntityManager): Promise<void> {
    return this.erasure.ordered(tx, e);
  }
}
