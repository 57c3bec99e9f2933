import { Allow, Caller, StepUp, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Clock } from '@avtala/time';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  CRM_KINDS,
  type CrmKind,
  type Region,
  REGIONS,
  type Safeguard,
  SAFEGUARDS,
} from '../domain/connection-rules.js';
import type { Mapping } from '../domain/mapping.js';
import { ConnectionHealth } from '../services/connection-health.service.js';
import { Connections } from '../services/connections.service.js';
import { PushActs } from '../services/push-acts.service.js';
import {
  type ConnectionCheckView,
  type ConnectionsView,
  type ConnectionView,
  connectionView,
  type OutgoingsView,
} from './connection-views.js';
import { CURSOR, type PushPageView, pushView, type WrittenPageView, writtenView } from './push-views.js';

class NewConnectionBody {
  @IsUUID() engagementId!: string;
  @IsIn(CRM_KINDS) kind!: CrmKind;
  /** Where the vendor hosts the account's data; left out counts as outside the EEA (D4). */
  @IsOptional() @IsIn(REGIONS) region?: Region;
  @IsOptional() @Matches(/^\d{1,20}$/) portalId?: string;
  @IsOptional() @IsString() @Length(1, 2000) refreshToken?: string;
  /** Salesforce: our user in the org, in whose name our own key signs in. */
  @IsOptional() @Matches(/^[^\s@]{1,64}@[^\s@]{1,80}$/) username?: string;
  /** Salesforce: `production`, `sandbox`, or the org's own `….my.salesforce.com`. */
  @IsOptional() @IsString() @Length(1, 120) loginHost?: string;
  @IsOptional() @IsIn(SAFEGUARDS) safeguard?: Safeguard;
}

/** Vendor properties by field of B1; null or left out = never sent. */
class MappingFields implements Mapping {
  @IsOptional() @IsString() @Length(1, 210) name?: string | null;
  @IsOptional() @IsString() @Length(1, 100) company?: string | null;
  @IsOptional() @IsString() @Length(1, 100) title?: string | null;
  @IsOptional() @IsString() @Length(1, 100) email?: string | null;
  @IsOptional() @IsString() @Length(1, 100) phone?: string | null;
  @IsOptional() @IsString() @Length(1, 100) social?: string | null;
}
class MappingBody {
  @IsObject() @ValidateNested() @Type(() => MappingFields) fields!: MappingFields;
}

class ConnectionsQuery {
  @IsOptional() @IsUUID() engagementId?: string;
}
class OutgoingQuery {
  @IsUUID() engagementId!: string;
}
class ReconnectBody {
  @IsOptional() @IsString() @Length(1, 2000) refreshToken?: string;
  @IsOptional() @Matches(/^[^\s@]{1,64}@[^\s@]{1,80}$/) username?: string;
  @IsOptional() @IsString() @Length(1, 120) loginHost?: string;
}

class PushesQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 100;
  @IsOptional() @Matches(/^(contact|meeting)~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) after?: string;
}

class WrittenQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 20;
  @IsOptional() @Matches(CURSOR) after?: string;
}

@Controller('api/v1/crm-connections')
@Allow('admin', 'supervisor')
export class CrmConnectionsController {
  constructor(
    private readonly connections: Connections,
    private readonly health: ConnectionHealth,
    private readonly acts: PushActs,
    private readonly clock: Clock,
  ) {}

  @Post()
  @StepUp()
  async create(
    @Body() body: NewConnectionBody,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<ConnectionView> {
    return this.shown(caller, await this.connections.create(caller, body, claim));
  }

  /** How each fares: state, last read and write, what went wrong last, and what the vendor's day has left. */
  @Get()
  @Allow('admin', 'supervisor', 'dpo', 'client')
  async list(@Query() query: ConnectionsQuery, @Caller() caller: Principal): Promise<ConnectionsView> {
    const now = this.clock.now();
    return { items: (await this.health.list(caller, query.engagementId)).map((c) => connectionView(c, now)) };
  }

  /** What of a lead goes to the engagement's CRMs once a meeting is booked (D2): the names of fields, for whoever books. */
  @Get('outgoing')
  @Allow('admin', 'supervisor', 'booker')
  async outgoing(@Query() query: OutgoingQuery, @Caller() caller: Principal): Promise<OutgoingsView> {
    return { items: await this.connections.outgoing(caller, query.engagementId) };
  }

  @Get(':id')
  @Allow('admin', 'supervisor', 'dpo', 'client')
  get(@Param('id', IdPipe) id: string, @Caller() caller: Principal): Promise<ConnectionView> {
    return this.shown(caller, id);
  }

  /** A read and a write test at the vendor that leaves nothing behind. */
  @Post(':id/check')
  @HttpCode(200)
  async check(
    @Param('id', IdPipe) id: string,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<ConnectionCheckView> {
    const { code } = await this.health.check(caller, id, claim);
    return { works: code === null, code, connection: await this.shown(caller, id) };
  }

  /** Lets us in again with what the client gave, or by the client itself; the account must be the same. */
  @Post(':id/reconnect')
  @Allow('admin', 'supervisor', 'client')
  @StepUp()
  @HttpCode(200)
  async reconnect(
    @Param('id', IdPipe) id: string,
    @Body() body: ReconnectBody,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<ConnectionView> {
    await this.health.reconnect(caller, id, { ...body }, claim);
    return this.shown(caller, id);
  }

  @Put(':id/mapping')
  @StepUp()
  async map(
    @Param('id', IdPipe) id: string,
    @Body() body: MappingBody,
    @Caller() caller: Principal,
  ): Promise<ConnectionView> {
    await this.connections.map(caller, id, { ...body.fields });
    return this.shown(caller, id);
  }

  /** What the CRM was told of whom, and what it refused (D2): ids, states and codes. */
  @Get(':id/pushes')
  async pushes(
    @Param('id', IdPipe) id: string,
    @Query() query: PushesQuery,
    @Caller() caller: Principal,
  ): Promise<PushPageView> {
    const [object, key] = query.after?.split('~') ?? [];
    const after = object && key ? { object, key } : undefined;
    const page = await this.connections.pushes(caller, id, { limit: query.limit, after });
    const last = page.length === query.limit ? page.at(-1) : undefined;
    const now = this.clock.now();
    return {
      items: page.map((line) => pushView(line, now)),
      next: last ? `${last.object}~${last.key}` : null,
    };
  }

  /** What stands in the CRM by our hand, the newest first: what kind of record, which of its fields, when. Who it is about says the CRM alone. */
  @Get(':id/written')
  @Allow('admin', 'supervisor', 'dpo', 'client')
  async written(
    @Param('id', IdPipe) id: string,
    @Query() query: WrittenQuery,
    @Caller() caller: Principal,
  ): Promise<WrittenPageView> {
    const { engagementId } = await this.health.get(caller, id);
    const { limit, after } = query;
    const confirmed = { engagementId, connectionId: id, state: 'confirmed' as const };
    const lines = await this.acts.list(caller, confirmed, { limit, after });
    const last = lines.length === limit ? lines.at(-1) : undefined;
    return { items: lines.map(writtenView), next: last?.cursor ?? null };
  }

  private async shown(caller: Principal, id: string): Promise<ConnectionView> {
    return connectionView(await this.health.get(caller, id), this.clock.now());
  }
}
