import { log } from '@avtala/observability';
import pg from 'pg';

/** The relay's NOTIFY channel; its payload is the owner's schema. */
export const LOG_CHANNEL = 'avtala_log';

type Ring = (schema: string) => void;

/** By database: every listening session is woken by every NOTIFY, so all services of a process share one. */
const bells = new Map<string, LogBell>();

/**
 * Rings when a relay, in whichever process, has moved events into a log of this database. A ring that is lost costs a poll, nothing else.
 * @param url connection of any role: listening needs no right
 * @returns ends it
 */
export async function onLog(url: string, ring: Ring): Promise<() => Promise<void>> {
  const { host, pathname } = new URL(url);
  const database = `${host}${pathname}`;
  const bell = bells.get(database) ?? new LogBell(url);
  bells.set(database, bell);
  bell.rings.add(ring);
  await bell.start();
  return async () => {
    bell.rings.delete(ring);
    if (bell.rings.size) return;
    if (bells.get(database) === bell) bells.delete(database);
    await bell.stop();
  };
}

class LogBell {
  readonly rings = new Set<Ring>();
  #starting: Promise<void> | undefined;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly url: string) {}

  start(): Promise<void> {
    this.#starting ??= this.#connect();
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'avtala_log_bell', keepAlive: true });
    let lost = false;
    const again = (error?: unknown) => {
      if (lost || this.#stopped) return;
      lost = true;
      log.warn('log-bell.lost', {}, error);
      this.#client = undefined;
      client.end().catch(() => undefined);
      this.#retry = setTimeout(() => void this.#connect(), 1000);
    };
    client.on('error', again);
    client.on('end', () => again());
    client.on('notification', ({ payload }) => {
      for (const ring of this.rings) ring(payload ?? '');
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${LOG_CHANNEL}`);
      this.#client = client;
      if (this.#stopped) await this.stop();
    } catch (error) {
      again(error);
    }
  }
}
