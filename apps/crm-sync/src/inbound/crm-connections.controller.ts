import { Allow, Caller, StepUp, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Clock } from '@avtala/time';
import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
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
import { Connections } from '../services/connections.service.js';
import { type PushPageView, pushView } from './push-views.js';
import type { Connection } from '../storage/connections.js';

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

class PushesQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 100;
  @IsOptional() @Matches(/^(contact|meeting)~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) after?: string;
}

@Controller('api/v1/crm-connections')
@Allow('admin', 'supervisor')
export class CrmConnectionsController {
  constructor(
    private readonly connections: Connections,
    private readonly clock: Clock,
  ) {}

  @Post()
  @StepUp()
  async create(
    @Body() body: NewConnectionBody,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<object> {
    const id = await this.connections.create(caller, body, claim);
    return view(await this.connections.get(caller, id));
  }

  @Get(':id')
  async get(@Param('id', IdPipe) id: string, @Caller() caller: Principal): Promise<object> {
    return view(await this.connections.get(caller, id));
  }

  @Put(':id/mapping')
  async map(@Param('id', IdPipe) id: string, @Body() body: MappingBody, @Caller() caller: Principal): Promise<object> {
    return view(await this.connections.map(caller, id, { ...body.fields }));
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
}

/** Never the tokens. */
const view = ({ id, engagementId, kind, portalId, state, code, needs, mapping }: Connection): object => ({
  id,
  engagementId,
  kind,
  portalId,
  state,
  code,
  needs: needs ?? [],
  mapping,
});
