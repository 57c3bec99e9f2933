import { EngagementChanged, EngagementEnded, EngagementStarted } from '@avtala/contracts';
import { Consumes, NotYet } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { endEngagement, keepEngagement } from '../storage/engagements.js';

/** Keeps what scheduling needs of an engagement: whether it is open. */
@Controller()
export class OnEngagement {
  @Consumes(EngagementStarted)
  async started(e: EngagementStarted, tx: EntityManager) {
    await keepEngagement(tx, e);
  }

  @Consumes(EngagementChanged)
  async changed(e: EngagementChanged, tx: EntityManager) {
    await keepEngagement(tx, e);
  }

  /** From `endedAt` on booking is refused (A5); what was booked before stands. */
  @Consumes(EngagementEnded)
  async ended(e: EngagementEnded, tx: EntityManager) {
    if (!(await endEngagement(tx, e.engagementId, e.endedAt))) throw new NotYet('engagement');
  }
}
