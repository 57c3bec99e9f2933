import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { IsIn, IsUUID } from 'class-validator';
import { Erasures, type OrderView } from '../services/erasures.service.js';

const KINDS = ['erasure', 'objection'] as const;

class NewRequest {
  @IsUUID() leadId!: string;
  @IsIn(KINDS) kind!: (typeof KINDS)[number];
}

/** F3, F5: what a person asks for, entered by whoever they spoke to. A request is its order: same id, same states. */
@Controller('api/v1/privacy-requests')
@Allow('admin', 'supervisor', 'booker', 'dpo')
export class PrivacyRequestsController {
  constructor(private readonly erasures: Erasures) {}

  @Post()
  create(
    @Body() body: NewRequest,
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<OrderView> {
    return this.erasures.request(caller, { ...body, leadId: body.leadId.toLowerCase() }, claim);
  }

  @Get(':id')
  get(@Param('id', IdPipe) id: string, @Caller() caller: Principal): Promise<OrderView> {
    return this.erasures.get(caller, id);
  }
}
