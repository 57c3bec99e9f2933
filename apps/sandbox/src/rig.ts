import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from './index.js';

/** An answer with its body read. */
export interface Answer<T = Json> {
  status: number;
  body: T;
  headers: Headers;
}

/** Loose on purpose: tests reach into vendors' answers. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

/** A sandbox in a folder of its own, and short words to talk to it. For tests of this app only. */
export class Rig {
  private constructor(
    readonly dir: string,
    public sandbox: Sandbox,
    private readonly options: Omit<SandboxOptions, 'dir'>,
  ) {}

  /** Limits are wide unless told, so that a test of something else never waits for a vendor's window. */
  static async start(options: Omit<SandboxOptions, 'dir'> = {}): Promise<Rig> {
    const dir = await mkdtemp(join(tmpdir(), 'sandbox-'));
    const wide = { perTenSeconds: 10_000, searchesPerSecond: 1_000, ...options.hubspot };
    const all = { ...options, hubspot: wide };
    return new Rig(dir, await startSandbox({ dir, ...all }), all);
  }

  async restart(): Promise<void> {
    await this.sandbox.stop();
    this.sandbox = await startSandbox({ dir: this.dir, ...this.options });
  }

  async stop(): Promise<void> {
    await this.sandbox.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  control(method: string, path: string, body?: unknown): Promise<Answer> {
    return send(`${this.sandbox.urls.control}${path}`, method, body);
  }

  misbehave(standIn: string, order: object): Promise<Answer> {
    return this.control('POST', `/${standIn}/misbehave`, order);
  }

  async hubspotToken(portal = 1001): Promise<string> {
    const form = {
      grant_type: 'refresh_token',
      client_id: 'app',
      client_secret: 's',
      refresh_token: `sandbox-refresh-${portal}`,
    };
    const url = `${this.sandbox.urls.hubspot}/oauth/2026-09/token`;
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** A client of one portal. @param path below /crm */
  async hubspot(portal = 1001) {
    const headers = { authorization: `Bearer ${await this.hubspotToken(portal)}` };
    return (method: string, path: string, body?: unknown) =>
      send(`${this.sandbox.urls.hubspot}/crm${path}`, method, body, headers);
  }

  /** A client of one org. @param path below /services/data/v67.0 */
  async salesforce(org: string, grant = `sandbox-salesforce-${org}`) {
    const form = {
      grant_type: 'refresh_token',
      client_id: 'sandbox',
      client_secret: 's',
      refresh_token: grant,
    };
    const url = `${this.sandbox.urls.salesforce}/services/oauth2/token`;
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token } = (await response.json()) as { access_token: string };
    return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      send(`${this.sandbox.urls.salesforce}/services/data/v67.0${path}`, method, body, {
        authorization: `Bearer ${access_token}`,
        ...headers,
      });
  }

  /** A client of the calendar API. @param path below /calendar/v3 */
  async google(account = 'host') {
    const form = {
      grant_type: 'refresh_token',
      client_id: 'app',
      client_secret: 's',
      refresh_token: `sandbox-google-${account}`,
    };
    const response = await fetch(this.sandbox.urls.googleToken, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token } = (await response.json()) as { access_token: string };
    return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      send(`${this.sandbox.urls.google}/calendar/v3${path}`, method, body, {
        authorization: `Bearer ${access_token}`,
        ...headers,
      });
  }

  /** Names of the files that hold this text. */
  async filesWith(text: string): Promise<string[]> {
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
    const held = await Promise.all(files.map(async (f) => ((await readFile(f, 'utf8')).includes(text) ? [f] : [])));
    return held.flat();
  }
}

async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined, headers: response.headers };
}

/** The unique property our client keeps, as it would create it. */
export const LEAD_KEY = {
  ...{ name: 'avtala_lead_key', label: 'Avtala lead', type: 'string', fieldType: 'text' },
  ...{ groupName: 'contactinformation', hasUniqueValue: true },
};

/** An upsert input by our own key. */
export const byKey = (id: string, properties: Record<string, string>, objectWriteTraceId?: string) => ({
  ...{ id, idProperty: 'avtala_lead_key', properties },
  ...(objectWriteTraceId ? { objectWriteTraceId } : {}),
});
