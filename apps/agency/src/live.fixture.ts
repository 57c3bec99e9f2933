// For tests of the live stream: tabs, and the services whose events they are told of.
import type { DomainEventBase, ServiceName } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Outbox } from '@avtala/messaging';
import { type RunningService, RuntimeEnv, startService } from '@avtala/runtime';
import type { TestDatabase } from '@avtala/test-kit';
import { SystemClock } from '@avtala/time';
import { auditMigration, auditReadingMigration, auditSealingMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import { Module } from '@nestjs/common';
import { request } from 'node:http';

export interface Said {
  readonly id: string;
  readonly event: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read answers field by field
  readonly data: any;
  /** Real time, milliseconds. */
  readonly at: number;
}

/** A browser's tab, as far as its EventSource goes. */
export class Tab {
  readonly said: Said[] = [];
  text = '';
  status = 0;
  headers: Record<string, unknown> = {};
  ended = false;
  private rest = '';

  private constructor(readonly close: () => void) {}

  static open(baseUrl: string, headers: Record<string, string>, lastId?: string): Promise<Tab> {
    return new Promise((resolve, reject) => {
      const asked = request(new URL('/api/v1/live', baseUrl), {
        headers: { ...headers, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
      });
      const tab = new Tab(() => asked.destroy());
      asked.on('response', (answer) => {
        tab.status = answer.statusCode ?? 0;
        tab.headers = answer.headers;
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => tab.take(chunk));
        answer.on('close', () => (tab.ended = true));
        answer.on('error', () => (tab.ended = true));
        resolve(tab);
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  get lastId(): string {
    return this.said.at(-1)!.id;
  }

  /** `kind state`, in order. */
  get changes(): string[] {
    return this.of('change').map(({ data }) => `${data.kind} ${data.state}`);
  }

  of(event: string): Said[] {
    return this.said.filter((s) => s.event === event);
  }

  private take(chunk: string): void {
    this.text += chunk;
    const blocks = (this.rest + chunk).split('\n\n');
    this.rest = blocks.pop()!;
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const [id, event, data] = [field('id'), field('event'), field('data')];
      if (id !== undefined && event && data) this.said.push({ id, event, data: JSON.parse(data), at: Date.now() });
    }
  }
}

@Module({})
class Nothing {}

export const OTHERS: readonly ServiceName[] = ['lead-intake', 'scheduling', 'crm-sync', 'retention'];
const schemaOf = (service: ServiceName) => service.replaceAll('-', '_');
export const OTHER_SCHEMAS = OTHERS.map((name) => ({
  schema: schemaOf(name),
  migrations: [
    messagingMigration(schemaOf(name)),
    auditMigration(),
    auditSealingMigration(),
    auditReadingMigration(),
    idempotencyMigration(),
  ],
}));

/** Starts a service that does nothing but tell. */
export async function teller(
  name: ServiceName,
  database: TestDatabase,
  env: RuntimeEnv,
): Promise<{
  service: RunningService;
  tell(...events: (DomainEventBase & { engagementId: string })[]): Promise<void>;
}> {
  const { migrations } = OTHER_SCHEMAS.find((s) => s.schema === schemaOf(name))!;
  const definition = { name, schema: schemaOf(name), module: Nothing, routes: [], migrations, entities: [] };
  const prepared = {
    urls: new Map([[name as string, database.urls(schemaOf(name))]]),
    vault: {} as never,
    kekDir: env.AVTALA_SECRETS_DIR,
  };
  const service = await startService(definition, prepared, env, new SystemClock(), 'http://127.0.0.1:1');
  const outbox = service.app.get(Outbox);
  const db = service.app.get(Db);
  return {
    service,
    tell: (...events) =>
      db.withScope(scopeOf(...new Set(events.map((e) => e.engagementId))), async (tx) => {
        for (const event of events) await outbox.append(tx, event);
      }),
  };
}
