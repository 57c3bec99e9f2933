import { Allow, AuditTrail, Caller, type Actor, type Principal } from '@avtala/access';
import { Missing, type ServiceName } from '@avtala/contracts';
import { Db, noEngagement } from '@avtala/database';
import { claimKey, IdempotentKey, IdPipe, settleKey, type IdempotencyClaim } from '@avtala/http';
import { listParked, replayParked, skipParked, type Parked } from '@avtala/messaging';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, type Type } from '@nestjs/common';
import { Type as As } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';

class Page {
  @IsOptional() @As(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  /** Last id of the page before. */
  @IsOptional() @IsUUID() after?: string;
}

/** Messages and due work a service has given up on: listed without their payload, replayed or skipped by a person.
 * Each service has its own below `/api/v1/<service>` (docs/adr/0003). */
export function parkedController(service: ServiceName): Type {
  @Controller(`api/v1/${service}/parked-messages`)
  @Allow('admin', 'dpo')
  class ParkedController {
    constructor(
      @Inject(Db) private readonly db: Db,
      @Inject(AuditTrail) private readonly audit: AuditTrail,
    ) {}

    /** @returns {items, next}; `error` is a code and names of fields, never a value */
    @Get()
    async list(@Query() page: Page): Promise<{ items: Parked[]; next: string | null }> {
      const items = await this.db.asWorker((tx) => listParked(tx, page));
      return { items, next: items.length === page.limit ? items.at(-1)!.id : null };
    }

    /** Tried once more, from the start. @throws Missing when nothing of that id is parked */
    @Post(':id/replay')
    @HttpCode(200)
    replay(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @IdempotentKey() claim: IdempotencyClaim) {
      return this.act(caller, claim, id, 'parked-message.replayed', async (tx) => {
        if (!(await replayParked(tx, id))) throw new Missing('parked message');
        return {};
      });
    }

    /** Given up for good. @throws Missing when nothing of that id is parked */
    @Post(':id/skip')
    @HttpCode(200)
    skip(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @IdempotentKey() claim: IdempotencyClaim) {
      return this.act(caller, claim, id, 'parked-message.skipped', async (tx) => {
        const gone = await skipParked(tx, id);
        if (!gone) throw new Missing('parked message');
        return gone.leadId ? { subjectIds: [gone.leadId] } : {};
      });
    }

    private async act(
      principal: Actor,
      claim: IdempotencyClaim,
      id: string,
      action: string,
      work: (tx: Parameters<typeof replayParked>[0]) => Promise<{ subjectIds?: string[] }>,
    ): Promise<{ id: string }> {
      await this.db.withScope(noEngagement, async (tx) => {
        if (await claimKey(tx, claim)) return;
        await this.audit.record(tx, { action, principal, ...(await work(tx)), detail: { id } });
        await settleKey(tx, claim, { status: 200, resourceId: id });
      });
      return { id };
    }
  }
  return ParkedController;
}
