import { pino, type Logger } from 'pino';
import { isLoggable, loggable } from './fields.js';

export type LogFields = Readonly<Record<string, unknown>>;
type Level = 'debug' | 'info' | 'warn' | 'error';

const inTests = process.env.NODE_ENV === 'test';

/** A log line named a field that is not on the allow-list. Thrown in tests only; in production the field is dropped. */
export class FieldNotLoggable extends Error {
  constructor(field: string) {
    super(`Log field "${field}" is not on the allow-list of libs/observability: log ids, codes and counts only`);
    this.name = 'FieldNotLoggable';
  }
}

/** Keeps what may be logged.
 * @param strict throw on an unknown field instead of dropping it */
export function pickLoggable(fields: LogFields, strict: boolean): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (isLoggable(name)) kept[name] = loggable(value);
    else if (strict) throw new FieldNotLoggable(name);
  }
  return kept;
}

/** Of an error: its class, code and stack frames. Its message is left out, since messages of drivers and vendors echo values. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    errorName: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { errorCode: loggable(code) } : {}),
    stack: frames.slice(0, 12).map((line) => line.trim()),
  };
}

/** JSON lines, one event each: `log.info('booking.refused', { leadId, reason })`. */
export class Log {
  readonly #logger: Logger;
  readonly #strict: boolean;

  /** @param strict see pickLoggable; @param write where lines go (default standard output) */
  constructor(options: { level?: string; strict?: boolean; write?: (line: string) => void } = {}) {
    const settings = {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      formatters: { level: (label: string) => ({ level: label }) },
    };
    this.#strict = options.strict ?? false;
    this.#logger = options.write
      ? pino(settings, { write: options.write })
      : pino(settings, pino.destination({ fd: 1, sync: true }));
  }

  debug(event: string, fields: LogFields = {}): void {
    this.#line('debug', event, fields);
  }

  info(event: string, fields: LogFields = {}): void {
    this.#line('info', event, fields);
  }

  warn(event: string, fields: LogFields = {}, error?: unknown): void {
    this.#line('warn', event, fields, error);
  }

  /** @param error its class, code and frames are logged, never its message */
  error(event: string, fields: LogFields = {}, error?: unknown): void {
    this.#line('error', event, fields, error);
  }

  #line(level: Level, event: string, fields: LogFields, error?: unknown): void {
    const kept = pickLoggable(fields, this.#strict);
    this.#logger[level]({ ...kept, ...(error === undefined ? {} : errorFields(error)) }, event);
  }
}

/** The process's log. Level by AVTALA_LOG_LEVEL (default info; silent in tests). */
export const log = new Log({
  level: process.env.AVTALA_LOG_LEVEL ?? (inTests ? 'silent' : 'info'),
  strict: inTests,
});
