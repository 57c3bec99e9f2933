import { log } from '@avtala/observability';
import pg from 'pg';

/** The relay's NOTIFY channel; its payload is the owner's schema. */
export const LOG_CHANNEL = 'avtala_log';

/** Rings when a relay, in whichever process, has moved events into a log. A ring that is lost costs a poll, nothing else. */
export class LogBell {
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly url: string,
    private readonly ring: (schema: string) => void,
  ) {}

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#connect();
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
    client.on('notification', (n) => this.ring(n.payload ?? ''));
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
