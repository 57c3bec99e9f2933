import { Agent, fetch } from 'undici';

// A clock that advances through months of deadlines may take minutes to answer.
const patient = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

export interface HubspotRecord {
  readonly id: string;
  readonly properties: Record<string, string | null>;
  readonly archived: boolean;
}
export interface HubspotState {
  readonly contacts: readonly HubspotRecord[];
  readonly meetings: readonly HubspotRecord[];
  readonly contractViolations: number;
}
export interface GoogleEvent {
  readonly id: string;
  readonly calendarId: string;
  readonly status: string;
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
}
export interface GoogleState {
  readonly events: readonly GoogleEvent[];
}
export interface SalesforceRecord {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createdBy: 'app' | 'user';
  readonly deleted: boolean;
}
export interface SalesforceState {
  readonly leads: readonly SalesforceRecord[];
  readonly events: readonly SalesforceRecord[];
  readonly contractViolations: number;
  readonly over200: number;
  readonly limitViolations: number;
}
export interface InviteCount {
  readonly received: number;
  readonly resent: number;
  readonly duplicates: number;
}

/** The sandbox's control address: clock, stand-ins' state, misbehaviour. */
export class SandboxControl {
  constructor(readonly url: string) {}

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      dispatcher: patient,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Sandbox ${method} ${path} answered ${response.status} ${text.slice(0, 500)}`);
    return (text ? JSON.parse(text) : {}) as T;
  }

  async now(): Promise<Temporal.Instant> {
    return Temporal.Instant.from((await this.ask<{ now: string }>('GET', '/clock')).now);
  }

  /** Moves business time to `target`, through every deadline on the way, and resolves when nobody has work left.
   * A 504 (somebody made no progress for 60 s, say because it was killed) is tried again: the same PUT goes on. */
  async advanceTo(target: Temporal.Instant): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.ask('PUT', '/clock', { now: target.toString() });
        return;
      } catch (error) {
        if (attempt === 3 || !/answered 504/.test(String(error))) throw error;
      }
    }
  }

  hubspot(portalId: string): Promise<HubspotState> {
    return this.ask('GET', `/hubspot/state?portalId=${portalId}`);
  }
  seedHubspot(portalId: string, contacts: { properties: Record<string, string> }[]): Promise<{ ids: string[] }> {
    return this.ask('POST', '/hubspot/seed', { portalId, contacts });
  }
  salesforce(org: string): Promise<SalesforceState> {
    return this.ask('GET', `/salesforce/state?org=${org}`);
  }
  seedSalesforce(org: string, records: readonly Record<string, string>[]): Promise<{ ids: string[] }> {
    return this.ask('POST', '/salesforce/seed', { org, object: 'Lead', records });
  }
  google(): Promise<GoogleState> {
    return this.ask('GET', '/google/state');
  }
  invites(): Promise<InviteCount> {
    return this.ask('GET', '/invites');
  }
}
