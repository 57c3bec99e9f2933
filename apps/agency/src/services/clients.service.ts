import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditTrail, type Principal } from '@avtala/access';
import { Db, isUniqueViolation, noEngagement, rows, scopeOf } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Clock } from '@avtala/time';
import { ClientExists } from '../domain/errors.js';

export interface NewClient {
  readonly name: string;
  /** As `556016-0680`. */
  readonly organisationNumber: string;
}

@Injectable()
export class ClientsService {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Every client, by name; for others than admin and DPO only those of the caller's engagements: whoever is not of the office sees no other client. */
  async list(caller: Principal): Promise<(NewClient & { readonly id: string })[]> {
    const all = caller.role === 'admin' || caller.role === 'dpo';
    if (!all && !caller.engagementIds.length) return [];
    return this.db.withScope(all ? noEngagement : scopeOf(...caller.engagementIds), (tx) =>
      rows<NewClient & { id: string }>(
        tx,
        `select client_id as id, name, organisation_number as "organisationNumber" from client c
          where $1 or exists (select from engagement e where e.client_id = c.client_id) order by name, client_id`,
        [all],
      ),
    );
  }

  /** @returns the client's id, also for a repeat under the same key
   * @throws ClientExists */
  async add(caller: Principal, claim: IdempotencyClaim, client: NewClient): Promise<string> {
    const id = randomUUIDv7();
    try {
      return await this.db.withScope(noEngagement, async (tx) => {
        const before = await claimKey(tx, claim);
        if (before) return before.resourceId!;
        await tx.query(
          `insert into client (client_id, name, organisation_number, created_at) values ($1, $2, $3, $4)`,
          [id, client.name, client.organisationNumber, this.clock.nowDate()],
        );
        await this.audit.record(tx, { action: 'client.added', principal: caller, detail: { clientId: id } });
        await settleKey(tx, claim, { status: 201, resourceId: id });
        return id;
      });
    } catch (error) {
      if (isUniqueViolation(error, 'one_client_per_organisation')) throw new ClientExists();
      throw error;
    }
  }
}
