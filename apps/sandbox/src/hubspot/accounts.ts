import { join } from 'node:path';
import type { LocalParticipant } from '../clock/participants.js';
import type { TestClock } from '../clock/test-clock.js';
import { JsonFile, openDirectory } from '../files.js';
import { Portal, type HubSpotSettings } from './portal.js';
import { WebhookSender } from './webhooks.js';
import { purge } from './removal.js';

const DEFAULTS: HubSpotSettings = {
  ...{ perTenSeconds: 110, perDay: 250_000, searchesPerSecond: 5 },
  ...{ purgeDays: 30, privacyTools: false, timeZone: 'Europe/Stockholm', latencyMs: 0 },
  ...{ webhookUrl: '', webhookSecret: '' },
};

/** All portals of the stand-in, their settings, and the purges that are due by the test clock. */
export class Accounts implements LocalParticipant {
  readonly name = 'hubspot stand-in';
  private readonly portals = new Map<string, Promise<Portal>>();
  private nextPurge = 0;
  /** Calls to the app. */
  readonly webhooks = new WebhookSender(() => this.settings);

  private constructor(
    private readonly dir: string,
    private readonly clock: TestClock,
    private readonly file: JsonFile<HubSpotSettings>,
  ) {}

  /** Opens every portal that has files, so that what is due in one nobody asks for is purged too. */
  static async open(dir: string, clock: TestClock, settings: Partial<HubSpotSettings>): Promise<Accounts> {
    const file = await JsonFile.open<HubSpotSettings>(join(dir, 'hubspot', 'settings.json'), DEFAULTS);
    file.value = { ...DEFAULTS, ...file.value, ...settings };
    await file.save();
    const accounts = new Accounts(join(dir, 'hubspot'), clock, file);
    for (const name of await openDirectory(accounts.dir)) if (/^\d+$/.test(name)) await accounts.portal(name);
    return accounts;
  }

  get settings(): HubSpotSettings {
    return this.file.value;
  }

  async change(settings: Partial<HubSpotSettings>): Promise<HubSpotSettings> {
    this.file.value = { ...this.file.value, ...settings };
    await this.file.save();
    return this.file.value;
  }

  iso(): string {
    return this.clock.iso();
  }

  /** The accounts' day, by the test clock in their own zone. */
  private today(): string {
    const zoned = Temporal.Instant.fromEpochMilliseconds(this.clock.now()).toZonedDateTimeISO(this.settings.timeZone);
    return zoned.toPlainDate().toString();
  }

  portal(id: string): Promise<Portal> {
    const known = this.portals.get(id);
    if (known) return known;
    const opening = Portal.open(
      this.dir,
      id,
      () => this.file.value,
      () => this.today(),
    );
    this.portals.set(id, opening);
    return opening;
  }

  /** @param only one portal; absent = all */
  async opened(only?: string | null): Promise<Portal[]> {
    const all = await Promise.all(this.portals.values());
    return only ? all.filter((p) => p.id === only) : all;
  }

  /** Purges what the test clock has made due. Looks again only when a purge may be due or a deletion may have added one. */
  async purgeDue(): Promise<void> {
    const now = this.clock.now();
    if (this.nextPurge > now) return;
    await this.due();
  }

  async due(): Promise<{ next: string | null; what: string; busy: boolean }> {
    const now = this.clock.now();
    const all = await Promise.all((await this.opened()).map((p) => purge(p, now)));
    const ahead = all.filter((n) => n !== null);
    // Purges lie days ahead: whoever is deleted in the meantime is seen at the latest an hour of the test clock from now.
    this.nextPurge = ahead.length === 0 ? now + 3_600_000 : Math.min(...ahead, now + 3_600_000);
    const next = ahead.length === 0 ? null : new Date(Math.min(...ahead)).toISOString();
    return { next, what: 'purge', busy: this.webhooks.busy };
  }
}
