import { Injectable } from '@nestjs/common';
import { CrmSyncConfig } from '../config.js';
import { WebhookRefused } from '../domain/errors.js';
import { isHubSpots, type Signed } from '../outbound/hubspot/signature.js';
import { webhookEvents } from '../outbound/hubspot/webhook-events.js';
import { ClientChanges } from './client-changes.service.js';

/** Vendors calling us. */
@Injectable()
export class Webhooks {
  constructor(
    private readonly config: CrmSyncConfig,
    private readonly changes: ClientChanges,
  ) {}

  /** @param s.uri path and query as they came; the public address stands before them
   * @param host as the request names it: only where no public address is configured
   * @throws WebhookRefused, and says nothing of why */
  async hubSpot(s: Omit<Signed, 'uri'> & { path: string }, host: string | undefined): Promise<void> {
    const { HUBSPOT_CLIENT_SECRET: secret, HUBSPOT_CLIENT_ID, HUBSPOT_APP_ID } = this.config;
    const origin = (this.config.AVTALA_PUBLIC_URL ?? `http://${host ?? ''}`).replace(/\/+$/, '');
    const { path, ...signed } = s;
    if (secret === 'unset' || !isHubSpots(secret, { ...signed, uri: origin + path }, Date.now()))
      throw new WebhookRefused();
    const ourselves = [HUBSPOT_CLIENT_ID, ...(HUBSPOT_APP_ID ? [HUBSPOT_APP_ID] : [])];
    const events = webhookEvents(s.body, ourselves);
    if (!events) throw new WebhookRefused();
    await this.changes.heard('hubspot', events);
  }
}
