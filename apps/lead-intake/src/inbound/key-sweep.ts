import { Db, noEngagement } from '@avtala/database';
import { log } from '@avtala/observability';
import { Vault } from '@avtala/vault';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { homesOf } from '../storage/lead.js';

const EVERY_MS = 6 * 3_600_000;
/** Soon after a start too: who is deployed several times a day would never get there. */
const FIRST_MS = 10 * 60_000;

/** Ready-made keys that became nobody's are deleted after a day of real time (protocols.md §3): so it is no due work, which follows the business clock. */
@Injectable()
export class KeySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
  ) {}

  onApplicationBootstrap(): void {
    const sweep = () => void this.sweep();
    this.timers = [setTimeout(sweep, FIRST_MS).unref(), setInterval(sweep, EVERY_MS).unref()];
  }

  onModuleDestroy(): void {
    this.timers.forEach(clearTimeout); // clears intervals alike
  }

  private async sweep(): Promise<void> {
    try {
      const count = await this.vault.sweep(async (ids) => {
        const homes = await this.db.withScope(noEngagement, (tx) => homesOf(tx, ids));
        return homes.keys();
      });
      if (count) log.info('keys.swept', { count });
    } catch (error) {
      log.warn('keys.not-swept', {}, error); // the next sweep finds them again
    }
  }
}
