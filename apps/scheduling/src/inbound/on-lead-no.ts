import { LeadObjected, LeadReleased, LeadRestricted } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { applyNo } from '../storage/lead-cases.js';

/** A person said no, is in dispute, or no longer is. Blocks booking; meetings ahead are cancelled by the erasure order that an objection leads to.
 * Messages need no rule here: the door refuses them. */
@Controller()
export class OnLeadNo {
  @Consumes(LeadObjected)
  async objected(e: LeadObjected, tx: EntityManager) {
    await applyNo(tx, e, { objected: true });
  }

  @Consumes(LeadRestricted)
  async restricted(e: LeadRestricted, tx: EntityManager) {
    await applyNo(tx, e, { restricted: true });
  }

  @Consumes(LeadReleased)
  async released(e: LeadReleased, tx: EntityManager) {
    await applyNo(tx, e, { restricted: false });
  }
}
