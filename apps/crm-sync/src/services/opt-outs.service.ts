import { RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { OPT_OUT } from '../domain/work.js';
import { ReconnectNeeded, VendorRefused } from '../outbound/vendor-errors.js';
import { type Connection, findConnection } from '../storage/connections.js';
import { noteError } from '../storage/connection-health.js';
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
    const { told, refused } =
      connection && link && !link.gone ? await this.mark(connection, leadId, link.vendorId) : { told: true };
    await this.db.withScope(scope, async (tx) => {
      const now = this.clock.now();
      if (refused) await noteError(tx, connectionId, now, refused);
      await (told ? this.due.done(tx, item) : this.due.again(tx, item, { dueAt: now.add(ASK_AGAIN) }));
    });
  }

  /** @param vendorId null: we may have made the record, and the answer never came
   * @returns `told` false while the connection is broken: somebody has to connect again first; `refused`: the vendor's code, said where the
   * connection is shown */
  private async mark(
    connection: Connection,
    leadId: string,
    vendorId: string | null,
  ): Promise<{ told: boolean; refused?: string | undefined }> {
    if (connection.state !== 'active') return { told: false };
    const { contacts } = this.crms.of(connection);
    const o = { until: Date.now() + STEP_MS, urgent: true };
    try {
      const id = vendorId ?? (await contacts.find('key', [leadId], [], o)).get(leadId)?.id;
      const refused = id === undefined ? [] : await contacts.optOut?.([id], o);
      return { told: true, refused: refused?.[0] };
    } catch (error) {
      if (error instanceof ReconnectNeeded) return { told: false };
      if (error instanceof VendorRefused) return { told: true, refused: error.code }; // the record gets nothing more from us anyway
      throw error;
    }
  }
}
