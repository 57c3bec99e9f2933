import { ErasureReceipt } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Saga } from '../services/saga.service.js';

/** What holders answer to an order; may come twice, and `verified` repeatedly (docs/adr/0008). */
@Controller()
export class OnErasureReceipt {
  constructor(private readonly saga: Saga) {}

  @Consumes(ErasureReceipt)
  received(receipt: ErasureReceipt, tx: EntityManager): Promise<void> {
    return this.saga.received(tx, receipt);
  }
}
