import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where and how the vendor calls; '' = not at all. */
export interface WebhookSettings {
  webhookUrl: string;
  /** The app's client secret, by which calls are signed. */
  webhookSecret: string;
}

/** What happened, as the vendor's deliveries say it. */
export interface Happening {
  portalId: string;
  subscriptionType: string;
  objectId?: string;
  [more: string]: unknown;
}

const APP_ID = 54_321;
const MOST_IN_ONE = 100;
/** The vendor tries ten times within a day; this stand-in within a minute, of real time. */
const TRIES = 10;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const DEADLINE_MS = 5_000;
/** A receiver that is away does not hold up the test clock for longer than these tries. */
const TRIES_THAT_COUNT_AS_BUSY = 3;

/** The vendor's calls to the app when another user changed something: signed (v3), in batches, tried again until they are accepted. */
export class WebhookSender {
  readonly counts = { delivered: 0, failedTries: 0, givenUp: 0 };
  private waiting: Record<string, unknown>[] = [];
  private running: Promise<void> | undefined;
  private tries = 0;
  private stopped = false;
  private nextEventId = Date.now();

  constructor(private readonly settings: () => WebhookSettings) {}

  get busy(): boolean {
    return this.running !== undefined && this.tries < TRIES_THAT_COUNT_AS_BUSY;
  }

  tell(happened: readonly Happening[]): void {
    if (!this.settings().webhookUrl || this.stopped) return;
    for (const { portalId, objectId, ...more } of happened)
      this.waiting.push({
        eventId: this.nextEventId++,
        subscriptionId: 1,
        portalId: Number(portalId),
        appId: APP_ID,
        occurredAt: Date.now(),
        ...(objectId === undefined ? {} : { objectId: Number(objectId) }),
        ...more,
      });
    this.running ??= this.deliver().finally(() => (this.running = undefined));
  }

  stop(): void {
    this.stopped = true;
  }

  private async deliver(): Promise<void> {
    while (this.waiting.length > 0 && !this.stopped) {
      const batch = this.waiting.splice(0, MOST_IN_ONE);
      let accepted = false;
      for (this.tries = 0; !accepted && this.tries < TRIES && !this.stopped; this.tries += 1) {
        if (this.tries > 0)
          await sleep(Math.min(FIRST_PAUSE_MS * 2 ** this.tries, LONGEST_PAUSE_MS), undefined, { ref: false });
        accepted = await this.send(batch.map((e) => ({ ...e, attemptNumber: this.tries })));
        if (!accepted) this.counts.failedTries += 1;
      }
      if (accepted) this.counts.delivered += batch.length;
      else this.counts.givenUp += batch.length;
    }
    this.tries = 0;
  }

  private async send(events: readonly object[]): Promise<boolean> {
    const { webhookUrl, webhookSecret } = this.settings();
    const body = JSON.stringify(events);
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', webhookSecret)
      .update(`POST${webhookUrl}${body}${timestamp}`)
      .digest('base64');
    try {
      const response = await fetch(webhookUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-hubspot-signature-v3': signature,
          'x-hubspot-request-timestamp': timestamp,
        },
        body,
        signal: AbortSignal.timeout(DEADLINE_MS),
        redirect: 'error',
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
