import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { Erasures, type OrderView } from '../services/erasures.service.js';

class ErasuresQuery {
  @IsOptional() @IsUUID() engagementId?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 100;
  @IsOptional() @IsUUID() after?: string;
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
    const items = await this.erasures.list(caller, query);
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
