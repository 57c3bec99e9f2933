import type { AuditTrail } from '@avtala/access';
import type { ServiceName } from '@avtala/contracts';
import { noEngagement, type Db } from '@avtala/database';
import { log } from '@avtala/observability';
import { checkSeen, type AuditLog } from './audit-log.js';

const EVERY_MS = 600_000;
const ZONE = 'Europe/Stockholm';
/** The agency is not at work, and its clocks never jump over it twice. */
const NIGHT = '03:30';

/**
 * A service checks its whole audit trail by itself, every night: a broken chain is seen by the data-protection officer although nobody pressed a key. Real time,
 * like sealing. A night that was missed is made up for soon after the start. In several processes it may run twice, which does no harm; what dies in the
 * middle is begun again.
 */
export class NightlyCheck {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<unknown> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly service: ServiceName,
    private readonly db: Db,
    private readonly trail: AuditTrail,
    private readonly audit: AuditLog,
  ) {}

  start(): void {
    this.stopping = false;
    const next = () => {
      this.working = this.step()
        .catch((error: unknown) => log.warn('audit.not-checked', { service: this.service }, error)) // the next step tries again
        .finally(() => {
          if (!this.stopping) this.timer = setTimeout(next, EVERY_MS).unref();
        });
    };
    this.timer = setTimeout(next, EVERY_MS * Math.random()).unref(); // processes of a service do not begin together
  }

  /** Waits for the check under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** @returns whether it was time */
  async step(now = Temporal.Now.instant()): Promise<boolean> {
    if (await this.audit.isChecked(this.service, lastNight(now))) return false;
    const found = await this.audit.verify('everything');
    const principal = {
      kind: 'service',
      service: this.service,
      purpose: 'nightly-check',
      eventId: 'nightly-check',
    } as const;
    await this.db.withScope(noEngagement, (tx) =>
      this.trail.record(tx, { action: 'audit.verified', principal, detail: checkSeen(found) }),
    );
    if (!found.whole) log.error('audit.broken', { service: this.service, code: found.findings[0]!.problem });
    return true;
  }
}

/** The last time it was half past three. */
export function lastNight(now: Temporal.Instant): Temporal.Instant {
  const local = now.toZonedDateTimeISO(ZONE);
  const night = local.withPlainTime(NIGHT);
  return (Temporal.ZonedDateTime.compare(night, local) > 0 ? night.subtract({ days: 1 }) : night).toInstant();
}
