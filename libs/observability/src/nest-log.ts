import type { LoggerService } from '@nestjs/common';
import { log } from './log.js';

/** Nest's own messages: its warnings and errors by context only, since their text may hold what was being handled. */
export class NestLog implements LoggerService {
  log(): void {}
  debug(): void {}
  verbose(): void {}

  warn(_message: unknown, ...rest: unknown[]): void {
    log.warn('nest.warning', { context: rest.at(-1) });
  }

  error(message: unknown, ...rest: unknown[]): void {
    log.error('nest.error', { context: rest.at(-1) }, message instanceof Error ? message : undefined);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}
