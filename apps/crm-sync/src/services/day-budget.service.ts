import { Db, noEngagement, scopeOf } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { CrmSyncConfig } from '../config.js';
import { dayIsOver, reserved } from '../domain/vendor-day.js';
import type { DayBudget } from '../outbound/day-budget.js';
import { DailyLimit } from '../outbound/vendor-errors.js';
import { type Connection, findConnection } from '../storage/connections.js';
import { findDay, noteDay, type VendorDay } from '../storage/vendor-limit.js';

/** Real time: what another process learned is known here after so long; and our own count is written no oftener. */
const FRESH_MS = 1_000;
const WRITE_MS = 5_000;

type Of = Pick<Connection, 'id' | 'engagementId' | 'kind'>;

/** Accounts' daily limits: known to every process through a row of the database. The vendor's day is business time, so that the test clock ends it. */
@Injectable()
export class DayBudgets {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly config: CrmSyncConfig,
  ) {}

  of(connection: Of): DayBudget {
    const { HUBSPOT_DAILY_RESERVE_PERCENT: hubspot, SALESFORCE_DAILY_RESERVE_PERCENT: salesforce } = this.config;
    return new AccountDay(this.db, this.clock, { hubspot, salesforce }[connection.kind], connection);
  }

  /** Until when nothing of the everyday is sent to an account; null = go. */
  async blockedUntil(connection: Connection): Promise<Temporal.Instant | null> {
    const day = await this.known(connection);
    const until = day?.blockedUntil && Temporal.Instant.fromEpochMilliseconds(day.blockedUntil.getTime());
    return until && Temporal.Instant.compare(until, this.clock.now()) > 0 ? until : null;
  }

  known(connection: Pick<Connection, 'id' | 'kind' | 'portalId'>): Promise<VendorDay | undefined> {
    return this.db.withScope(noEngagement, (tx) => findDay(tx, connection.kind, accountOf(connection)));
  }
}

/** Until the vendor has named the account, the connection stands for it. */
const accountOf = (c: Pick<Connection, 'id' | 'portalId'>): string => c.portalId ?? `connection:${c.id}`;

class AccountDay implements DayBudget {
  private account: string | undefined;
  private day: VendorDay | undefined;
  private readAt = 0;
  private wroteAt = 0;

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly reservePercent: number,
    private readonly connection: Of,
  ) {}

  async check(urgent: boolean): Promise<void> {
    await this.refresh();
    const { blockedUntil, reason } = this.day ?? {};
    if (!blockedUntil || (urgent && reason === 'reserve')) return;
    const until = Temporal.Instant.fromEpochMilliseconds(blockedUntil.getTime());
    if (Temporal.Instant.compare(until, this.clock.now()) > 0) throw new DailyLimit(until);
  }

  async heard(limit: number, remaining: number): Promise<void> {
    const now = this.clock.now();
    const keep = reserved({ limit, remaining }, this.reservePercent);
    if (!keep && Date.now() - this.wroteAt < WRITE_MS) return;
    this.wroteAt = Date.now();
    const until = dayIsOver(now, this.day?.timeZone ?? null);
    await this.note({ limit, remaining, ...(keep ? { block: { until, reason: 'reserve' } } : {}) });
  }

  async usedUp(cause: unknown): Promise<never> {
    const until = dayIsOver(this.clock.now(), this.day?.timeZone ?? null);
    await this.note({ remaining: 0, block: { until, reason: 'used-up' } });
    throw new DailyLimit(until, { cause });
  }

  zoneUnknown(): boolean {
    return this.readAt > 0 && !this.day?.timeZone;
  }

  zone(timeZone: string): Promise<void> {
    return this.note({ timeZone });
  }

  private async note(day: Parameters<typeof noteDay>[2]): Promise<void> {
    const { kind } = this.connection;
    const account = await this.name();
    await this.db.withScope(noEngagement, (tx) => noteDay(tx, { kind, account, now: this.clock.now() }, day));
    this.readAt = 0; // read again before the next call
  }

  private async refresh(): Promise<void> {
    if (Date.now() - this.readAt < FRESH_MS) return;
    const account = await this.name();
    this.day = await this.db.withScope(noEngagement, (tx) => findDay(tx, this.connection.kind, account));
    this.readAt = Date.now();
  }

  private async name(): Promise<string> {
    if (this.account) return this.account;
    const { id, engagementId } = this.connection;
    const row = await this.db.withScope(scopeOf(engagementId), (tx) => findConnection(tx, id));
    const account = accountOf(row ?? { id, portalId: null });
    if (row?.portalId) this.account = account;
    return account;
  }
}
