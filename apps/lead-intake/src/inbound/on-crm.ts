import { CrmPersonErased } from '@avtala/contracts';
import { Consumes, type Received } from '@avtala/messaging';
import { Controller, Inject } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Leads } from '../services/leads.service.js';

@Controller()
export class OnCrm {
  constructor(@Inject(Leads) private readonly leads: Leads) {}

  /** The client erased the person for good: very likely they said no there. Set aside until the DPO has decided (docs/adr/0019). */
  @Consumes(CrmPersonErased)
  async personErased(event: CrmPersonErased, tx: EntityManager, { eventId }: Received): Promise<void> {
    await this.leads.setAside(tx, event, { kind: 'service', service: 'crm-sync', purpose: 'person-erased', eventId });
  }
}
