import { Db, noEngagement } from '@avtala/database';
import { log } from '@avtala/observability';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { forgetUse } from '../storage/link-use.js';

const EVERY_MS = 3_600_000;
const FIRST_MS = 60_000;

/** What abuse of links is counted by is kept for two days of real time (B9): so it is no due work, which follows the business clock. */
@Injectable()
export class LinkSweep implements OnApplicationBootstrap, OnModuleDestroy {
  #timers: NodeJS.Timeout[] = [];

  constructor(private readonly db: Db) {}

  onApplicationBootstrap(): void {
    const sweep = () => void this.sweep();
    this.#timers = [setTimeout(sweep, FIRST_MS).unref(), setInterval(sweep, EVERY_MS).unref()];
  }

  onModuleDestroy(): void {
    this.#timers.forEach(clearTimeout); // clears intervals alike
  }

  async sweep(): Promise<void> {
    try {
      await this.db.withScope(noEngagement, forgetUse);
    } catch (error) {
      log.warn('link-use.not-swept', {}, error); // the next sweep finds it again
    }
  }
}
