import { AuditTrail, type Principal, requireEngagement, scopeOfCaller } from '@avtala/access';
import { AppError, Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { answeredBefore, claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { requireCredentials } from '../domain/credentials.js';
import { ReconnectNeeded } from '../outbound/vendor-errors.js';
import {
  connectionLine,
  type ConnectionLine,
  connectionLines,
  noteError,
  noteUse,
  resealTokens,
} from '../storage/connection-health.js';
import { setConnectionState } from '../storage/connections.js';
import type { Credentials } from './connection-tokens.service.js';
import { CONNECT, Vendors } from './connections.service.js';

/** A test that somebody waits for. */
const CHECK_MS = 20_000;

/** How connections fare, whether they still work, and letting us in again. */
@Injectable()
export class ConnectionHealth {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly audit: AuditTrail,
    private readonly vendors: Vendors,
  ) {}

  list(caller: Principal, engagementId: string | undefined): Promise<ConnectionLine[]> {
    if (engagementId !== undefined) requireEngagement(caller, engagementId);
    const ids = engagementId === undefined ? scopeOfCaller(caller).engagementIds : [engagementId];
    return this.db.withScope(scopeOf(...ids), (tx) => connectionLines(tx, ids));
  }

  /** @throws Missing also for another engagement's */
  get(caller: Principal, id: string): Promise<ConnectionLine> {
    return this.db.withScope(scopeOfCaller(caller), (tx) => existing(tx, id));
  }

  /** Reads, and writes what leaves nothing behind. Outside any transaction; repeating it is harmless.
   * @returns code of what went wrong; null = it works */
  async check(caller: Principal, id: string, claim: IdempotencyClaim): Promise<{ code: string | null }> {
    const scope = scopeOfCaller(caller);
    const { connection, earlier } = await this.db.withScope(scope, async (tx) => ({
      connection: await existing(tx, id),
      earlier: await answeredBefore(tx, claim),
    }));
    if (earlier) return { code: connection.lastErrorAt && !isAfterError(connection) ? connection.lastError : null };
    const failure = await this.tried(connection);
    await this.db.withScope(scope, async (tx) => {
      if (await claimKey(tx, claim)) return;
      const now = this.clock.now();
      if (failure === null) await noteUse(tx, id, now, true);
      else await noteError(tx, id, now, failure.code);
      if (failure instanceof ReconnectNeeded) await setConnectionState(tx, id, 'broken', failure.code);
      const { engagementId } = connection;
      const detail = { connectionId: id, code: failure?.code ?? null };
      await this.audit.record(tx, { action: 'crm-connection.checked', principal: caller, engagementId, detail });
      await settleKey(tx, claim, { status: 200, resourceId: id, engagementId });
    });
    return { code: failure?.code ?? null };
  }

  /** Lets us in again; then everybody is told of who waited. The account must be the one it was: links lead into it.
   * @throws Missing, CredentialsInvalid */
  async reconnect(caller: Principal, id: string, given: Credentials, claim: IdempotencyClaim): Promise<void> {
    const scope = scopeOfCaller(caller);
    const connection = await this.db.withScope(scope, (tx) => existing(tx, id));
    const sealed = await this.vendors.tokens.reseal(id, requireCredentials({ kind: connection.kind, ...given }));
    await this.db.withScope(scope, async (tx) => {
      if (await claimKey(tx, claim)) return;
      const { engagementId } = connection;
      await resealTokens(tx, id, sealed);
      const dueAt = this.clock.now();
      await this.due.schedule(tx, { kind: CONNECT, key: id, engagementId, dueAt }, { replace: true });
      const detail = { connectionId: id };
      await this.audit.record(tx, { action: 'crm-connection.reconnected', principal: caller, engagementId, detail });
      await settleKey(tx, claim, { status: 200, resourceId: id, engagementId });
    });
    this.vendors.tokens.forget(id);
  }

  private async tried(connection: ConnectionLine): Promise<AppError | null> {
    const crm = this.vendors.crms.of(connection);
    try {
      const o = { until: Date.now() + CHECK_MS };
      await (crm.check ? crm.check(o) : crm.prepare(o));
      return null;
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }
}

const isAfterError = (c: ConnectionLine): boolean =>
  c.lastReadAt !== null && c.lastErrorAt !== null && c.lastReadAt > c.lastErrorAt;

async function existing(tx: EntityManager, id: string): Promise<ConnectionLine> {
  const line = await connectionLine(tx, id);
  if (!line) throw new Missing('connection');
  return line;
}
