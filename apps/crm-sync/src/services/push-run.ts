import type { Contact } from '@avtala/contracts';
import type { Scope } from '@avtala/database';
import type { PushPlan } from '../domain/due-pushes.js';
import type { Crm } from '../outbound/needs.js';
import type { Connection } from '../storage/connections.js';
import type { PushState } from '../storage/push-state.js';
import type { CrmObject, PushKey } from '../storage/pushes.js';
import type { Mark } from './marks.js';

/** One batch of leads on its way to one account. */
export interface PushRun {
  readonly connection: Connection;
  readonly crm: Crm;
  readonly scope: Scope;
  /** Real time, ms: no vendor call starts later, so that the batch ends inside its lease. */
  readonly until: number;
}

/** A lead whose person may be sent: the door said yes a moment ago. */
export interface LeadToPush {
  readonly state: PushState;
  readonly plan: PushPlan;
  readonly contact: Contact;
  readonly mark: Mark;
}

/** What became of a lead's contact. `unclear`: tried again, by key. */
export type ContactResult =
  | { readonly ok: true; readonly contactId: string }
  | { readonly ok: false; readonly code: string; readonly unclear?: boolean };

export const keyOf = (run: PushRun, leadId: string, object: CrmObject, key: string): PushKey => ({
  connectionId: run.connection.id,
  engagementId: run.connection.engagementId,
  leadId,
  object,
  key,
});

export const toMap = <K, V>(items: readonly V[], key: (item: V) => K): Map<K, V> =>
  new Map(items.map((i) => [key(i), i]));
