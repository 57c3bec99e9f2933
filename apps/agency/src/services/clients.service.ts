import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditTrail, type Principal } from '@avtala/access';
import { Db, isUniqueViolation, noEngagement } from '@avtala/database';
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
