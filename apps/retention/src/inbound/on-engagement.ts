import { EngagementChanged, EngagementEnded, EngagementStarted } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clocks } from '../services/clocks.service.js';

/** Dates of an engagement: its clock is set when it ends, from the X it then has. */
@Controller()
export class OnEngagement {
  constructor(private readonly clocks: Clocks) {}

  @Consumes(EngagementStarted)
  started(e: EngagementStarted, tx: EntityManager): Promise<void> {
    return this.clocks.engagement(tx, e);
  }

  @Consumes(EngagementChanged)
  changed(e: EngagementChanged, tx: EntityManager): Promise<void> {
    return this.clocks.engagement(tx, e);
  }

  /** E1: the clock starts. */
  @Consumes(EngagementEnded)
  ended(e: EngagementEnded, tx: EntityManager): Promise<void> {
    return this.clocks.engagement(tx, e);
  }
}
