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
  private readonly end = new AbortController();

  constructor(
    private readonly service: ServiceName,
    private readonly db: Db,
    private readonly trail: AuditTrail,
    private readonly audit: AuditLog,
  ) {}

  start(): void {
    const next = () => {
      this.working = this.step()
        .catch((error: unknown) => {
          if (!this.end.signal.aborted) log.error('audit.not-checked', { service: this.service }, error); // the next step tries again
        })
        .finally(() => {
          if (!this.end.signal.aborted) this.timer = setTimeout(next, EVERY_MS).unref();
        });
    };
    this.timer = setTimeout(next, EVERY_MS * Math.random()).unref(); // processes of a service do not begin together
  }

  /** A check under way gives up; it is begun again after the next start. */
  async stop(): Promise<void> {
    this.end.abort();
    clearTimeout(this.timer);
    await this.working;
  }

  /** @returns whether it was time
   * @throws WitnessAway when nothing is wrong but that: nothing is written down, and it is tried again */
  async step(now = Temporal.Now.instant()): Promise<boolean> {
    const night = lastNight(now);
    if (await this.audit.isCheckedAt(night)) return false;
    const found = await this.audit.verify('everything', this.end.signal);
    if (!found.whole && found.findings.every((f) => f.problem === 'witness-behind')) throw new WitnessAway();
    const { service } = this;
    const principal = { kind: 'service', service, purpose: 'nightly-check', eventId: 'nightly-check' } as const;
    const detail = checkSeen(found, 'everything', night);
    await this.db.withScope(noEngagement, (tx) =>
      this.trail.record(tx, { action: 'audit.verified', principal, detail }),
    );
    if (!found.whole) log.error('audit.broken', { service, code: found.findings[0]!.problem });
    return true;
  }
}

/** The witness could not be asked, or has not seen the newest checkpoints. */
export class WitnessAway extends Error {
  constructor() {
    super('The witness does not answer, or is behind');
  }
}

/** The last time it was half past three. */
export function lastNight(now: Temporal.Instant): Temporal.Instant {
  const local = now.toZonedDateTimeISO(ZONE);
  const night = local.withPlainTime(NIGHT);
  return (Temporal.ZonedDateTime.compare(night, local) > 0 ? night.subtract({ days: 1 }) : night).toInstant();
}
