import { RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { OPT_OUT } from '../domain/work.js';
import { ReconnectNeeded, VendorRefused } from '../outbound/vendor-errors.js';
import { type Connection, findConnection } from '../storage/connections.js';
import { readLinks } from '../storage/push-state.js';
import { Crms } from './crms.service.js';

const STEP_MS = 45_000;
const ASK_AGAIN = { hours: 24 };

/** Marks who objected in the client's CRM, where it has fields for that (F5, E6): the client is told of the no, and of nothing else. No contact data
 * is needed for it, so the door is not asked. */
@Injectable()
export class OptOuts {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly crms: Crms,
    private readonly clock: Clock,
  ) {}

  /** Due work, which may be repeated: setting a flag twice changes nothing. */
  async tell(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const connectionId = String(item.payload['connectionId']);
    const leadId = item.leadId ?? '';
    const { connection, link } = await this.db.withScope(scope, async (tx) => {
      const of = { engagementId: item.engagementId, leadId };
      if (await this.due.leased(tx, { ...of, except: [OPT_OUT] })) throw new RetryLater('work-under-way', 500); // it may be making the record
      const links = await readLinks(tx, connectionId, [leadId]);
      return { connection: await findConnection(tx, connectionId), link: links.get(`contact:${leadId}`) };
    });
    const told = !connection || !link?.vendorId || link.gone || (await this.mark(connection, link.vendorId));
    await this.db.withScope(scope, (tx) =>
      told ? this.due.done(tx, item) : this.due.again(tx, item, { dueAt: this.clock.now().add(ASK_AGAIN) }),
    );
  }

  /** @returns false while the connection is broken: somebody has to connect again first */
  private async mark(connection: Connection, vendorId: string): Promise<boolean> {
    if (connection.state !== 'active') return false;
    try {
      await this.crms.of(connection).contacts.optOut?.([vendorId], { until: Date.now() + STEP_MS, urgent: true });
      return true;
    } catch (error) {
      if (error instanceof ReconnectNeeded) return false;
      if (error instanceof VendorRefused) return true; // the org lets us mark nobody: the record gets nothing more from us anyway
      throw error;
    }
  }
}
