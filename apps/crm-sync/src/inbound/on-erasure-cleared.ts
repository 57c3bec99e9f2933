import { ErasureCleared } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Erasure } from '../services/erasure.service.js';

@Controller()
export class OnErasureCleared {
  constructor(private readonly erasure: Erasure) {}

  @Consumes(ErasureCleared)
  cleared(e: ErasureCleared, tx: EntityManager): Promise<void> {
    return this.erasure.cleared(tx, e);
  }
}
