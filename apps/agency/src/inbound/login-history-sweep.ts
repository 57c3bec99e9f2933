import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { log } from '@avtala/observability';
import { LoginHistory } from '../services/login-history.service.js';

const EVERY_MS = 15 * 60_000;

/** Sessions and sign-ins follow real time, so this is no due work, which follows the business clock. */
@Injectable()
export class LoginHistorySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly history: LoginHistory) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await this.history.sweep();
    } catch (error) {
      log.warn('sign-ins.not-swept', {}, error); // the next sweep finds them again
    }
  }
}
