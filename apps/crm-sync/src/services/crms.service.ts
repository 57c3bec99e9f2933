import { Injectable } from '@nestjs/common';
import { CrmSyncConfig } from '../config.js';
import { HubSpotCrm } from '../outbound/hubspot/hubspot-crm.js';
import type { Crm } from '../outbound/needs.js';
import { SalesforceCrm } from '../outbound/salesforce/salesforce-crm.js';
import type { Connection } from '../storage/connections.js';
import { DayBudgets } from './day-budget.service.js';
import { ConnectionTokens, hubSpotSettings } from './connection-tokens.service.js';

/** The vendor behind a connection. One adapter per connection and process, since it holds the connection's limiter. */
@Injectable()
export class Crms {
  private readonly open = new Map<string, Crm>();

  constructor(
    private readonly tokens: ConnectionTokens,
    private readonly config: CrmSyncConfig,
    private readonly days: DayBudgets,
  ) {}

  of(connection: Pick<Connection, 'id' | 'engagementId' | 'kind'>): Crm {
    const known = this.open.get(connection.id);
    if (known) return known;
    const tokens = this.tokens.sourceOf(connection);
    const day = this.days.of(connection);
    const crm =
      connection.kind === 'hubspot'
        ? new HubSpotCrm(hubSpotSettings(this.config), tokens, day)
        : new SalesforceCrm(tokens, day);
    this.open.set(connection.id, crm);
    return crm;
  }

  forget(connectionId: string): void {
    this.open.delete(connectionId);
  }
}
