import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { Erasures, type OrderView } from '../services/erasures.service.js';

class ErasuresQuery {
  @IsOptional() @IsUUID() engagementId?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 100;
  @IsOptional() @IsUUID() after?: string;
  /** The youngest first; `after` then is the last id of the page before, too. */
  @IsOptional() @IsIn(['newest', 'oldest']) order: 'newest' | 'oldest' = 'oldest';
  /** `open`: under way, or ended without somebody; `closed`: completed. */
  @IsOptional() @IsIn(['open', 'closed']) state?: 'open' | 'closed';
  /** Of whole engagements, or of single people. */
  @IsOptional() @IsIn(['engagement', 'lead']) scope?: 'engagement' | 'lead';
}

@Controller('api/v1/erasures')
@Allow('admin', 'supervisor', 'dpo', 'client')
export class ErasuresController {
  constructor(private readonly erasures: Erasures) {}

  @Get()
  async list(
    @Query() query: ErasuresQuery,
    @Caller() caller: Principal,
  ): Promise<{ items: OrderView[]; next: string | null }> {
    const { engagementId, limit, after } = query;
    const items = await this.erasures.list(caller, {
      limit,
      newest: query.order === 'newest',
      ...(engagementId ? { engagementId } : {}),
      ...(after ? { after } : {}),
      ...(query.state ? { open: query.state === 'open' } : {}),
      ...(query.scope ? { whole: query.scope === 'engagement' } : {}),
    });
    return { items, next: items.length === query.limit ? items.at(-1)!.id : null };
  }

  @Get(':id')
  get(@Param('id', IdPipe) id: string, @Caller() caller: Principal): Promise<OrderView> {
    return this.erasures.get(caller, id);
  }

  /** Byte for byte what was signed. */
  @Get(':id/certificate')
  @Header('content-type', 'application/json; charset=utf-8')
  certificate(@Param('id', IdPipe) id: string, @Caller() caller: Principal): Promise<string> {
    return this.erasures.certificate(caller, id);
  }
}
