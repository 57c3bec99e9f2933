import { AllowService, Caller, NotAllowed, type ServicePrincipal } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { IsUUID, Matches, MaxLength } from 'class-validator';
import { Said } from '../services/said.service.js';
import { SAYS_SOMETHING } from './stated.js';

class SaidWords {
  @IsUUID() leadId!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(1000) words!: string;
}

/** The way in for words about a lead that reach another service. */
@Controller('internal')
export class SaidController {
  constructor(@Inject(Said) private readonly said: Said) {}

  @Post('leads\\:said')
  @AllowService('scheduling')
  @HttpCode(204)
  async keep(
    @Caller() caller: ServicePrincipal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: SaidWords,
  ): Promise<void> {
    if (caller.purpose !== 'said') throw new NotAllowed();
    await this.said.keep(caller, claim, body.leadId.toLowerCase(), body.words);
  }
}
