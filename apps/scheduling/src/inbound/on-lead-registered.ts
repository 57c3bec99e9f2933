import { LeadRegistered } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { openCases } from '../storage/lead-cases.js';

/** A lead came in: from now on they can be booked. */
@Controller()
export class OnLeadRegistered {
  @Consumes(LeadRegistered, { batch: true })
  async openCases(leads: LeadRegistered[], tx: EntityManager) {
    await openCases(tx, leads);
  }
}
