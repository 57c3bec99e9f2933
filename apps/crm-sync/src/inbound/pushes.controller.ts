import { Allow, Caller, type Principal } from '@avtala/access';
import { IsInstant } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Clock } from '@avtala/time';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Matches, Max, Min } from 'class-validator';
import { type Cause, CAUSE_CODES } from '../domain/causes.js';
import { SKIP_REASONS, type SkipReason, SYNC_STATES, type SyncState } from '../domain/push-states.js';
import { PushActs } from '../services/push-acts.service.js';
import {
  causeCount,
  CURSOR,
  type CausesView,
  type MeetingsToldView,
  pushDetail,
  type PushDetailView,
  type PushPageView,
  pushView,
  type PushView,
  type RetryAllView,
} from './push-views.js';

class PushesQuery {
  @IsOptional() @IsUUID() engagementId?: string;
  @IsOptional() @IsUUID() connectionId?: string;
  /** Only what was told about this lead. */
  @IsOptional() @IsUUID() leadId?: string;
  @IsOptional() @IsIn(SYNC_STATES) state?: SyncState;
  @IsOptional() @IsIn(CAUSE_CODES) cause?: Cause;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 100;
  @IsOptional() @Matches(CURSOR) after?: string;
}
class MeetingsQuery {
  @IsOptional() @IsUUID() engagementId?: string;
  /** Meetings that start then or later. */
  @IsInstant() from!: string;
  /** So many times 24 hours from then. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(31) days = 7;
}
class CausesQuery {
  @IsOptional() @IsUUID() engagementId?: string;
  @IsOptional() @IsUUID() connectionId?: string;
}
class RetryAllBody {
  @IsIn(CAUSE_CODES) cause!: Cause;
  @IsOptional() @IsUUID() connectionId?: string;
  @IsOptional() @IsUUID() engagementId?: string;
}
class SkipBody {
  @IsIn(SKIP_REASONS) reason!: SkipReason;
}

/** The sync screen: per lead and connection what was told, what was not, and why (D2). Ids, names of fields and codes; never a value. */
@Controller('api/v1/pushes')
@Allow('admin', 'supervisor')
export class PushesController {
  constructor(
    private readonly pushes: PushActs,
    private readonly clock: Clock,
  ) {}

  /** What needs a person first: parked, failing, on its way, stopped by a rule, done. */
  @Get()
  @Allow('admin', 'supervisor', 'dpo')
  async list(@Query() query: PushesQuery, @Caller() caller: Principal): Promise<PushPageView> {
    const page = await this.pushes.list(caller, query, { limit: query.limit, after: query.after });
    const last = page.length === query.limit ? page.at(-1) : undefined;
    const now = this.clock.now();
    return { items: page.map((line) => pushView(line, now)), next: last?.cursor ?? null };
  }

  /** How many there are of each cause in each state. */
  @Get('causes')
  @Allow('admin', 'supervisor', 'dpo')
  async causes(@Query() query: CausesQuery, @Caller() caller: Principal): Promise<CausesView> {
    return { items: (await this.pushes.count(caller, query)).map(causeCount) };
  }

  /** The receipt beside each meeting: how far each CRM has been told of it. No cause and no record: those are the sync screen's. */
  @Get('of-meetings')
  @Allow('admin', 'supervisor', 'dpo', 'booker', 'client')
  async ofMeetings(@Query() query: MeetingsQuery, @Caller() caller: Principal): Promise<MeetingsToldView> {
    return { items: await this.pushes.ofMeetings(caller, { ...query, from: Temporal.Instant.from(query.from) }) };
  }

  /** With the shape of request and answer, values blanked, and the rule that let it leave or stopped it. */
  @Get(':id')
  @Allow('admin', 'supervisor', 'dpo')
  async get(@Param('id', IdPipe) id: string, @Caller() caller: Principal): Promise<PushDetailView> {
    return pushDetail(await this.pushes.get(caller, id), this.clock.now());
  }

  /** All of one cause, as far as the caller sees; in the background. */
  @Post('retry')
  @HttpCode(202)
  async retryAll(
    @Body() body: RetryAllBody,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<RetryAllView> {
    return { cause: body.cause, count: await this.pushes.retryAll(caller, body, claim) };
  }

  @Post(':id/retry')
  @HttpCode(200)
  retry(
    @Param('id', IdPipe) id: string,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<PushView> {
    return this.shown(this.pushes.act(caller, id, 'retry', claim));
  }

  /** Set aside until somebody wants it tried again. */
  @Post(':id/park')
  @HttpCode(200)
  park(
    @Param('id', IdPipe) id: string,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<PushView> {
    return this.shown(this.pushes.act(caller, id, 'park', claim));
  }

  /** The client restored a record it had deleted: it is told of again. Nothing is made anew; if it is not there, that is said again. */
  @Post(':id/link-anew')
  @HttpCode(200)
  linkAnew(
    @Param('id', IdPipe) id: string,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<PushView> {
    return this.shown(this.pushes.act(caller, id, 'link-anew', claim));
  }

  /** Need not be told; a later change of the lead or the meeting is. */
  @Post(':id/skip')
  @HttpCode(200)
  skip(
    @Param('id', IdPipe) id: string,
    @Body() body: SkipBody,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<PushView> {
    return this.shown(this.pushes.act(caller, id, 'skip', claim, body.reason));
  }

  private async shown(line: ReturnType<PushActs['act']>): Promise<PushView> {
    return pushView(await line, this.clock.now());
  }
}
