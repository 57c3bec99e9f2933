import { Allow, Caller, type Principal } from '@avtala/access';
import { IsTimeZone } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { KeepSlotService } from '../services/keep-slot.service.js';
import { instantOfInput } from './time-input.js';

const DAY_MINUTES = 1440;

class KeepInput {
  @IsUUID() meetingTypeId!: string;
  @IsUUID() hostId!: string;
  @IsUUID() leadId!: string;
  /** With an offset or Z; or local, with `timeZone`. */
  @IsString() @MaxLength(40) startsAt!: string;
  @IsOptional() @IsTimeZone() timeZone?: string;
  /** A day unless said otherwise; never beyond the start itself. */
  @IsInt() @Min(5) @Max(3 * DAY_MINUTES) forMinutes = DAY_MINUTES;
}

class KeptSlotAnswer {
  readonly id!: string;
  readonly engagementId!: string;
  readonly leadId!: string;
  readonly hostId!: string;
  readonly meetingTypeId!: string;
  readonly startsAt!: string;
  readonly endsAt!: string;
  readonly keptUntil!: string;
}

@Controller('api/v1/slots')
export class SlotsController {
  constructor(private readonly slots: KeepSlotService) {}

  /** Keeps a time for a lead who is still thinking. A lead has one at most: the one before is given back. */
  @Post('keep')
  @Allow('booker', 'supervisor', 'admin')
  async keep(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: KeepInput,
  ): Promise<KeptSlotAnswer> {
    const { meetingTypeId, hostId, leadId, forMinutes } = body;
    const startsAt = instantOfInput(body.startsAt, body.timeZone);
    const id = await this.slots.keep(caller, claim, { meetingTypeId, hostId, leadId, startsAt, forMinutes });
    const kept = await this.slots.one(caller, id);
    return {
      id: kept.id,
      engagementId: kept.engagementId,
      leadId: kept.leadId,
      hostId: kept.hostId,
      meetingTypeId: kept.meetingTypeId,
      startsAt: kept.startsAt.toString(),
      endsAt: kept.endsAt.toString(),
      keptUntil: kept.keptUntil.toString(),
    };
  }

  @Delete('keep/:id')
  @HttpCode(204)
  @Allow('booker', 'supervisor', 'admin')
  async release(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<void> {
    await this.slots.release(caller, id);
  }
}
