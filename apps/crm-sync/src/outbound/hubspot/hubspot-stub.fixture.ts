import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpecCheck } from './spec-check.fixture.js';

export type ObjectType = 'contacts' | 'meetings';

export interface StubRecord {
  id: string;
  properties: Record<string, string>;
  /** property → who wrote it last */
  by: Record<string, string>;
  archived: boolean;
  /** Permanently deleted; among the archived until `purge()`. */
  deleted: boolean;
  mergedInto?: string;
}

export type Trouble = '429' | '429-daily' | '500' | 'lost-answer' | 'expired-token' | 'lie';

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}
type Input = { id: string; idProperty?: string; objectWriteTraceId?: string; properties: Record<string, string> };

export const STUB_CLIENT = { clientId: 'stub-client', clientSecret: 'stub-secret' };

/** A HubSpot for tests: what our adapter uses of it, stateful and in memory. The sandbox's stand-in is stricter and another program. */
export class HubSpotStub {
  readonly records: Record<ObjectType, Map<string, StubRecord>> = { contacts: new Map(), meetings: new Map() };
  readonly joined = new Set<string>();
  /** Everything that arrived, as `POST /path`, without bodies. */
  readonly calls: string[] = [];
  refreshes = 0;
  timeZone = 'Europe/Stockholm';
  /** Calls of the day, as the headers tell them. */
  day = { limit: 250_000, remaining: 240_000 };
  /** Told of every call before it is answered. */
  onCall: ((where: string) => Promise<void>) | undefined;
  /** E-mails that are refused as invalid values. */
  readonly invalid = new Set<string>();
  /** Contacts with which no meeting can be shown. */
  readonly unjoinable = new Set<string>();
  private readonly unique: Record<ObjectType, Set<string>> = { contacts: new Set(['email']), meetings: new Set() };
  private readonly tokens = new Set<string>();
  private readonly troubles: { kind: Trouble; match: string; times: number }[] = [];
  private nextId = 151;
  private url = '';

  private constructor(
    private readonly server: Server,
    readonly spec: SpecCheck,
  ) {}

  static async start(): Promise<HubSpotStub> {
    const server = createServer();
    const stub = new HubSpotStub(server, await SpecCheck.open(process.env['HUBSPOT_SPEC_DIR']));
    server.on('request', (req, res) => void stub.serve(req, res));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return stub;
  }

  get settings(): { baseUrl: string; clientId: string; clientSecret: string } {
    return { baseUrl: this.url, ...STUB_CLIENT };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** @param match part of "POST /path" */
  trouble(kind: Trouble, match: string, times = 1): void {
    this.troubles.push({ kind, match, times });
  }

  calm(): void {
    this.troubles.length = 0;
  }

  expireTokens(): void {
    this.tokens.clear();
  }

  /** A record the client had before, or edits, by hand. */
  edit(type: ObjectType, properties: Record<string, string>, id = String(this.nextId++)): string {
    const record = this.records[type].get(id) ?? { id, properties: {}, by: {}, archived: false, deleted: false };
    this.records[type].set(id, record);
    this.put(record, properties, 'CRM_UI');
    return id;
  }

  merge(primaryId: string, otherId: string): void {
    const { contacts } = this.records;
    const [primary, other] = [contacts.get(primaryId)!, contacts.get(otherId)!];
    const address = other.properties['email'];
    const more: Record<string, string> = address ? { hs_additional_emails: address } : {};
    primary.properties = { ...other.properties, ...primary.properties, ...more, hs_merged_object_ids: otherId };
    primary.by = { ...other.by, ...primary.by };
    contacts.set(otherId, { ...other, properties: {}, by: {}, mergedInto: primaryId });
  }

  /** The vendor's purge time has passed. */
  purge(): void {
    for (const [id, r] of this.records.contacts) if (r.deleted) this.records.contacts.delete(id);
  }

  live(type: ObjectType): StubRecord[] {
    return [...this.records[type].values()].filter((r) => !r.archived && !r.mergedInto);
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(req.url ?? '/', this.url);
    const where = `${req.method} ${url.pathname}`;
    this.calls.push(where);
    await this.onCall?.(where);
    this.spec.check({ method: req.method ?? '', url, headers: req.headers, text });
    const trouble = this.take(where);
    const reply = this.answer(req, url, text, trouble);
    if (trouble === 'lost-answer') return void res.destroy(); // done, and nobody hears of it
    res.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    res.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }

  private answer(req: IncomingMessage, url: URL, text: string, trouble: Trouble | undefined): Reply {
    if (trouble === '500') return { status: 500, body: { category: 'INTERNAL' } };
    if (trouble === '429' || trouble === '429-daily')
      return {
        status: 429,
        body: { errorType: 'RATE_LIMIT', policyName: trouble === '429' ? 'TEN_SECONDLY_ROLLING' : 'DAILY' },
        ...(trouble === '429' ? { headers: { 'retry-after': '0' } } : {}),
      };
    if (url.pathname === '/oauth/2026-09/token') return this.token(new URLSearchParams(text));
    if (trouble === 'expired-token') this.expireTokens();
    if (!this.tokens.has(req.headers.authorization ?? ''))
      return { status: 401, body: error('EXPIRED_AUTHENTICATION') };
    const body = (text ? JSON.parse(text) : {}) as unknown;
    const asked = { method: req.method ?? '', path: url.pathname, query: url.searchParams, body };
    const headers = {
      'x-hubspot-ratelimit-remaining': '90',
      'x-hubspot-ratelimit-daily': String(this.day.limit),
      'x-hubspot-ratelimit-daily-remaining': String(this.day.remaining),
      'x-hubspot-correlation-id': randomUUID(),
    };
    return { headers, ...this.route(asked, trouble === 'lie') };
  }

  private token(form: URLSearchParams): Reply {
    this.refreshes++;
    if (!form.get('refresh_token')?.startsWith('good')) return { status: 400, body: { status: 'BAD_REFRESH_TOKEN' } };
    const hub = /^good-portal-(\d+)$/.exec(form.get('refresh_token') ?? '')?.[1] ?? '1001';
    const value = `access-${this.refreshes}`;
    this.tokens.add(`Bearer ${value}`);
    return {
      status: 200,
      body: { access_token: value, refresh_token: form.get('refresh_token'), expires_in: 1800, hub_id: Number(hub) },
    };
  }

  private route(a: Asked, lie: boolean): Reply {
    if (a.path.startsWith('/account-info/')) return { status: 200, body: { portalId: 1001, timeZone: this.timeZone } };
    const [, family, , first, ...rest] = a.path.slice(1).split('/'); // crm / objects / 2026-09 / contacts / …
    const tail = rest.join('/');
    if (family === 'properties') return this.properties(a, first as ObjectType, tail);
    if (family === 'associations') {
      const pairs = (a.body as { inputs?: { from: { id: string }; to: { id: string } }[] }).inputs ?? [];
      const refused = pairs.filter((p) => this.unjoinable.has(p.to.id));
      for (const p of pairs) if (!refused.includes(p)) this.joined.add(`${p.from.id}-${p.to.id}`);
      const errors = refused.map(() => ({ ...error('OBJECT_NOT_FOUND'), context: {} }));
      const partly = errors.length ? { numErrors: errors.length, errors } : {};
      return { status: errors.length ? 207 : 200, body: { status: 'COMPLETE', results: [], ...partly } };
    }
    const type = first as ObjectType;
    const inputs = ((a.body as { inputs?: Input[] }).inputs ?? []) as Input[];
    if (tail === 'batch/read') return this.readBatch(type, a, inputs);
    if (tail === 'batch/upsert' || tail === 'batch/update') return this.writeBatch(type, inputs, lie);
    if (tail === 'batch/archive') {
      if (!lie) for (const { id } of inputs) Object.assign(this.records[type].get(id) ?? {}, { archived: true });
      return { status: 204 };
    }
    if (tail === 'gdpr-delete') {
      const { objectId } = a.body as { objectId: string };
      if (!lie) Object.assign(this.records.contacts.get(objectId) ?? {}, { archived: true, deleted: true });
      return { status: 204 };
    }
    if (tail === 'search') return this.search(type, a.body as never);
    const record = this.find(type, rest[0] ?? '', undefined, a.query.get('archived') === 'true', true);
    return record ? { status: 200, body: shown(record, true) } : { status: 404, body: error('OBJECT_NOT_FOUND') };
  }

  private properties(a: Asked, type: ObjectType, tail: string): Reply {
    if (tail === 'groups') return { status: 200, body: { results: [{ name: 'somegroup' }] } };
    if (a.method === 'POST') {
      this.unique[type].add((a.body as { name: string }).name);
      return { status: 201, body: a.body };
    }
    if (tail) {
      const known = this.unique[type].has(tail);
      return known
        ? { status: 200, body: { name: tail, hasUniqueValue: true } }
        : { status: 404, body: error('NOT_FOUND') };
    }
    const names = ['firstname', 'lastname', 'email', 'company', 'jobtitle', 'phone', 'city', 'lastmodifieddate'];
    return { status: 200, body: { results: [...names, ...this.unique.contacts].map((name) => ({ name })) } };
  }

  private find(
    type: ObjectType,
    value: string,
    by: string | undefined,
    archived: boolean,
    follow = false,
  ): StubRecord | undefined {
    if (by) return [...this.records[type].values()].find((r) => r.archived === archived && r.properties[by] === value);
    let record = this.records[type].get(value);
    if (follow) while (record?.mergedInto) record = this.records[type].get(record.mergedInto);
    return record && record.archived === archived && !record.mergedInto ? record : undefined;
  }

  private readBatch(type: ObjectType, a: Asked, inputs: Input[]): Reply {
    const by = (a.body as { idProperty?: string }).idProperty;
    if (by && !this.unique[type].has(by)) return { status: 400, body: error('VALIDATION_ERROR') };
    const archived = a.query.get('archived') === 'true';
    const found = inputs.flatMap(({ id }) => this.find(type, id, by, archived) ?? []);
    const missing = found.length < inputs.length;
    const history = (a.body as { propertiesWithHistory: string[] }).propertiesWithHistory.length > 0;
    return {
      status: missing ? 207 : 200,
      body: {
        status: 'COMPLETE',
        results: found.map((r) => shown(r, history)),
        ...(missing ? { numErrors: 1, errors: [error('OBJECT_NOT_FOUND')] } : {}),
      },
    };
  }

  private writeBatch(type: ObjectType, inputs: Input[], lie: boolean): Reply {
    if (new Set(inputs.map((i) => i.id)).size < inputs.length) return { status: 400, body: error('VALIDATION_ERROR') };
    const results: object[] = [];
    const errors: object[] = [];
    for (const input of inputs) {
      const problem = this.problem(type, input);
      if (problem) {
        errors.push(problem);
        continue;
      }
      const before = this.find(type, input.id, input.idProperty, false);
      const record = before ?? { id: String(this.nextId++), properties: {}, by: {}, archived: false, deleted: false };
      this.records[type].set(record.id, record);
      const own = input.idProperty ? { [input.idProperty]: input.id } : {};
      if (!lie) this.put(record, { ...input.properties, ...own }, STUB_CLIENT.clientId);
      results.push({ ...shown(record, false), new: !before, objectWriteTraceId: input.objectWriteTraceId });
    }
    const partly = errors.length > 0;
    return {
      status: partly ? 207 : 200,
      body: { status: 'COMPLETE', results, ...(partly ? { numErrors: errors.length, errors } : {}) },
    };
  }

  private problem(type: ObjectType, input: Input): object | undefined {
    const context = { objectWriteTraceId: [input.objectWriteTraceId], ids: [input.id] };
    const self = this.find(type, input.id, input.idProperty, false);
    if (!self && !input.idProperty) return { ...error('OBJECT_NOT_FOUND'), context };
    const { email } = input.properties;
    if (!email) return undefined;
    if (this.invalid.has(email))
      return {
        ...error('VALIDATION_ERROR'),
        message: `Email address ${email} is invalid`,
        context: { ...context, propertyName: ['email'] },
      };
    const other = [...this.records.contacts.values()].find(
      (r) =>
        !r.archived &&
        !r.mergedInto &&
        r !== self &&
        [r.properties['email'], r.properties['hs_additional_emails']].includes(email),
    );
    return other && { ...error('CONFLICT'), message: `Contact already exists. Existing ID: ${other.id}`, context };
  }

  private search(
    type: ObjectType,
    body: { filterGroups: { filters: { propertyName: string; values: string[] }[] }[] },
  ): Reply {
    const { propertyName, values } = body.filterGroups[0]!.filters[0]!;
    const results = this.live(type).filter((r) => values.includes(r.properties[propertyName] ?? ''));
    return { status: 200, body: { total: results.length, results: results.map((r) => shown(r, false)) } };
  }

  private put(record: StubRecord, properties: Record<string, string>, by: string): void {
    for (const [name, value] of Object.entries(properties)) {
      if (value === '') delete record.properties[name];
      else record.properties[name] = name === 'email' ? value.toLowerCase() : value;
      record.by[name] = by;
    }
  }

  private take(where: string): Trouble | undefined {
    const found = this.troubles.find((t) => t.times > 0 && where.includes(t.match));
    if (found) found.times--;
    return found?.kind;
  }
}

const error = (category: string): object => ({
  status: 'error',
  category,
  message: 'Words that echo a value: secret@person.example',
  correlationId: '0190cccc-0000-7000-8000-000000000009',
});

const shown = (r: StubRecord, history: boolean): object => ({
  id: r.id,
  archived: r.archived,
  properties: r.properties,
  createdAt: '2027-01-01T00:00:00Z',
  updatedAt: '2027-01-01T00:00:00Z',
  ...(history
    ? {
        propertiesWithHistory: Object.fromEntries(
          Object.entries(r.properties).map(([name, value]) => [
            name,
            [
              {
                value,
                timestamp: '2027-01-01T00:00:00Z',
                ...(r.by[name] === 'CRM_UI'
                  ? { sourceType: 'CRM_UI', sourceId: 'userId:1' }
                  : { sourceType: 'INTEGRATION', sourceId: r.by[name] }),
              },
            ],
          ]),
        ),
      }
    : {}),
});
