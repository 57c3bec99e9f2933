import { type AuditFact, AuditTrail, type Principal, requireEngagement, scopeOfCaller } from '@avtala/access';
import { Missing, RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { answeredBefore, claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Due, type DueItem, isBuried } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { type CrmKind, type Region, requireConnectable, type Safeguard } from '../domain/connection-rules.js';
import { requireCredentials } from '../domain/credentials.js';
import { wordsOf } from '../domain/words.js';
import { AlreadyConnected } from '../domain/errors.js';
import { PUSH, pushKey } from '../domain/work.js';
import { CONTACT_FIELDS, type ContactField, type Mapping, requireMapping } from '../domain/mapping.js';
import { VendorRefused, ReconnectNeeded } from '../outbound/vendor-errors.js';
import {
  type Connection,
  connectionsOf,
  findConnection,
  findTerms,
  insertConnection,
  setConnectionState,
  setMapping,
  type Terms,
} from '../storage/connections.js';
import { countNews, leadsToTell } from '../storage/leads.js';
import { noteUse } from '../storage/connection-health.js';
import { linesOfConnection, type PushLine } from '../storage/push-screen.js';
import { leadsThatFailed, queueBehind } from '../storage/pushes.js';
import { ConnectionTokens } from './connection-tokens.service.js';
import { Crms } from './crms.service.js';
import { Watch } from './watch.service.js';

export interface NewConnection {
  readonly engagementId: string;
  readonly kind: CrmKind;
  readonly region?: Region;
  readonly portalId?: string;
  readonly refreshToken?: string;
  /** Salesforce: our user there, in whose name our own key signs in; instead of a refresh token. */
  readonly username?: string;
  /** Salesforce: `production`, `sandbox`, or the org's own domain. */
  readonly loginHost?: string;
  readonly safeguard?: Safeguard;
}

export const CONNECT = 'connect';
const NOBODY = '00000000-0000-0000-0000-000000000000';
const PAGE = 500;
/** The engagement was made a moment ago in another service: its event is on the way. */
const TERMS_WAIT_MS = 3_000;

/** The outside of a connection: its tokens, and the vendor reached with them. */
@Injectable()
export class Vendors {
  constructor(
    readonly tokens: ConnectionTokens,
    readonly crms: Crms,
    readonly watch: Watch,
  ) {}
}

@Injectable()
export class Connections {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly audit: AuditTrail,
    private readonly vendors: Vendors,
  ) {}

  /** @returns id of the new connection, or of the one made the first time this key was sent
   * @throws RetentionTooShort, SafeguardMissing, AlreadyConnected; RetryLater while the engagement is not known here yet */
  async create(caller: Principal, c: NewConnection, claim: IdempotencyClaim): Promise<string> {
    requireEngagement(caller, c.engagementId);
    const scope = scopeOf(c.engagementId);
    const earlier = await this.db.withScope(scope, async (tx) => {
      await notBuried(tx, c.engagementId);
      return answeredBefore(tx, claim);
    });
    if (earlier?.resourceId) return earlier.resourceId;
    requireConnectable({
      ...(await this.terms(c.engagementId)),
      kind: c.kind,
      region: c.region,
      safeguard: c.safeguard,
    });
    const credentials = requireCredentials(c);
    const id = randomUUID();
    const sealed = await this.vendors.tokens.sealNew(id, credentials);
    let made = '';
    try {
      made = await this.db.withScope(scope, async (tx) => {
        const before = await claimKey(tx, claim);
        if (before?.resourceId) return before.resourceId;
        await notBuried(tx, c.engagementId); // its erasure would not know of this connection, nor of its key
        const createdAt = this.clock.now();
        const row = { region: undefined, safeguard: undefined, portalId: undefined, ...c, id, sealed, createdAt };
        if (!(await insertConnection(tx, { ...row, mapping: wordsOf(c.kind).defaultMapping })))
          throw new AlreadyConnected(c.kind);
        await this.due.schedule(tx, { kind: CONNECT, key: id, engagementId: c.engagementId, dueAt: createdAt });
        await this.record(tx, 'crm-connection.created', caller, c.engagementId, { connectionId: id, kind: c.kind });
        await settleKey(tx, claim, { status: 201, resourceId: id, engagementId: c.engagementId });
        return id;
      });
      return made;
    } finally {
      // Nobody uses the key that was made for it.
      if (made !== id && !(await this.isStored(c.engagementId, id))) await this.vendors.tokens.destroy(id, null);
    }
  }

  /** It may have been committed, and only the answer was lost. Where that cannot be found out its key stays: a connection that lost it could
   * neither be used nor made again. */
  private isStored(engagementId: string, id: string): Promise<boolean> {
    return this.db
      .withScope(scopeOf(engagementId), async (tx) => (await findConnection(tx, id)) !== undefined)
      .catch(() => true);
  }

  /** What of a lead goes to the engagement's CRMs. @throws Missing */
  async outgoing(
    caller: Principal,
    engagementId: string,
  ): Promise<{ kind: CrmKind; broken: boolean; fields: ContactField[] }[]> {
    requireEngagement(caller, engagementId);
    const found = await this.db.withScope(scopeOfCaller(caller), (tx) => connectionsOf(tx, engagementId));
    return found.map(({ kind, state, mapping }) => ({
      kind,
      broken: state === 'broken',
      fields: CONTACT_FIELDS.filter((field) => mapping[field]),
    }));
  }

  /** Replaces the allow-list; pushes the vendor refused under the old one are tried again. @throws MappingInvalid, Missing */
  async map(caller: Principal, id: string, mapping: Mapping): Promise<Connection> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const connection = await existing(tx, id);
      requireMapping(mapping, wordsOf(connection.kind));
      await setMapping(tx, id, mapping);
      for (const leadId of await leadsThatFailed(tx, id)) await this.schedulePush(tx, connection, leadId);
      await this.record(tx, 'crm-connection.mapped', caller, connection.engagementId, { connectionId: id });
      return { ...connection, mapping };
    });
  }

  /** One page, in a stable order. @throws Missing */
  pushes(
    caller: Principal,
    id: string,
    page: { limit: number; after: { object: string; key: string } | undefined },
  ): Promise<PushLine[]> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      await existing(tx, id);
      return linesOfConnection(tx, id, page.limit, page.after);
    });
  }

  /** Due work: makes our properties at the vendor, then tells it of everybody who waited for the connection. */
  async connect(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const connection = await this.db.withScope(scope, (tx) => findConnection(tx, item.key));
    if (!connection) return this.db.withScope(scope, (tx) => this.due.done(tx, item));
    try {
      await this.vendors.crms.of(connection).prepare({ until: Date.now() + 45_000 });
    } catch (error) {
      if (!(error instanceof ReconnectNeeded) && !(error instanceof VendorRefused)) throw error;
      return this.db.withScope(scope, async (tx) => {
        const needs = error instanceof VendorRefused ? error.fields : [];
        await setConnectionState(tx, item.key, 'broken', error.code, needs);
        // Once the client's administrator has added them, it goes on by itself.
        if (error.code === 'fields-missing')
          await this.due.again(tx, item, { dueAt: this.clock.now().add({ hours: 24 }) });
        else await this.due.done(tx, item);
      });
    }
    await this.db.withScope(scope, async (tx) => {
      await setConnectionState(tx, item.key, 'active', null);
      await this.vendors.watch.start(tx, connection);
    });
    for (let after = NOBODY; ;) {
      const leadIds = await this.db.withScope(scope, async (tx) => {
        const page = await leadsToTell(tx, connection.engagementId, after, PAGE);
        for (const leadId of page) await this.schedulePush(tx, connection, leadId);
        return page;
      });
      if (leadIds.length < PAGE) break;
      after = leadIds.at(-1)!;
    }
    await this.db.withScope(scope, (tx) => this.due.done(tx, item));
  }

  /** Our access was taken back: said where the connection is shown, and nothing more is tried until somebody connects again. */
  async broken(connection: Connection, code: string): Promise<void> {
    await this.db.withScope(scopeOf(connection.engagementId), (tx) =>
      setConnectionState(tx, connection.id, 'broken', code),
    );
  }

  /** The vendor took what we sent. */
  used(connection: Connection): Promise<void> {
    return this.db.withScope(scopeOf(connection.engagementId), (tx) =>
      noteUse(tx, connection.id, this.clock.now(), true),
    );
  }

  private async terms(engagementId: string): Promise<Terms> {
    const until = Date.now() + TERMS_WAIT_MS;
    for (;;) {
      const terms = await this.db.withScope(scopeOf(engagementId), (tx) => findTerms(tx, engagementId));
      if (terms) return terms;
      if (Date.now() > until) throw new RetryLater('engagement-not-here-yet');
      await delay(50);
    }
  }

  /** Counted as news: a push under way was planned without it, and would end the row. */
  private async schedulePush(tx: EntityManager, connection: Connection, leadId: string): Promise<void> {
    await countNews(tx, connection.engagementId, leadId);
    const of = { connectionId: connection.id, engagementId: connection.engagementId, leadId };
    await queueBehind(tx, of, this.clock.now());
    await this.due.schedule(tx, {
      kind: PUSH,
      key: pushKey(connection.id, leadId),
      engagementId: connection.engagementId,
      leadId,
      dueAt: this.clock.now(),
      payload: { connectionId: connection.id },
    });
  }

  private record(
    tx: EntityManager,
    action: string,
    principal: Principal,
    engagementId: string,
    detail: NonNullable<AuditFact['detail']>,
  ): Promise<void> {
    return this.audit.record(tx, { action, principal, engagementId, detail });
  }
}

async function notBuried(tx: EntityManager, engagementId: string): Promise<void> {
  if (await isBuried(tx, { engagementId })) throw new Missing('engagement');
}

async function existing(tx: EntityManager, id: string): Promise<Connection> {
  const connection = await findConnection(tx, id);
  if (!connection) throw new Missing('connection');
  return connection;
}
