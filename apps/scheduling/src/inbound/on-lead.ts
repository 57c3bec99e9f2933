import { LeadChanged, LeadRegistered } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { openCases, setZones } from '../storage/lead-cases.js';

@Controller()
export class OnLead {
  /** A lead came in: from now on they can be booked. */
  @Consumes(LeadRegistered, { batch: true })
  async registered(leads: LeadRegistered[], tx: EntityManager) {
    await openCases(tx, leads);
  }

  /** A number of another country: times are told by its clock from the next meeting on; one that is booked keeps the clock it was told by. */
  @Consumes(LeadChanged, { batch: true })
  async changed(leads: LeadChanged[], tx: EntityManager) {
    await setZones(tx, leads);
  }
}
