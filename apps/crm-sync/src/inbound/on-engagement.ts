import { EngagementChanged, EngagementEnded, EngagementStarted } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { saveTerms } from '../storage/connections.js';

/** Keeps an engagement's terms: whether a connection is allowed, and what erasing may do. */
@Controller()
export class OnEngagement {
  @Consumes(EngagementStarted)
  started(e: EngagementStarted, tx: EntityManager): Promise<void> {
    return saveTerms(tx, e);
  }

  @Consumes(EngagementChanged)
  changed(e: EngagementChanged, tx: EntityManager): Promise<void> {
    return saveTerms(tx, e);
  }

  @Consumes(EngagementEnded)
  ended(e: EngagementEnded, tx: EntityManager): Promise<void> {
    return saveTerms(tx, e);
  }
}
