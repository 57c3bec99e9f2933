import { Allow, Caller, requireEngagement, type Principal } from '@avtala/access';
import { IsTimeZone } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator';
import { BookingService } from '../services/booking.service.js';
import { ChangeBookingService } from '../services/change-booking.service.js';
import type { Booking } from '../storage/bookings.js';
import { instantOfInput } from './time-input.js';

class StartInput {
  /** With an offset or Z; or local, with `timeZone`. */
  @IsString() @MaxLength(40) startsAt!: string;
  @IsOptional() @IsTimeZone() timeZone?: string;
}

class BookInput extends StartInput {
  @IsUUID() meetingTypeId!: string;
  @IsUUID() leadId!: string;
  @IsOptional() @IsUUID() hostId?: string;
}

class CancelInput {
  /** A word, not a sentence: what people write about a lead lives under the lead's key, in lead-intake. */
  @IsOptional() @Matches(/^[a-z][a-z-]{0,39}$/) reason?: string;
}

class PageInput {
  @IsUUID() engagementId!: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @IsUUID() after?: string;
}

@Controller('api/v1/bookings')
export class BookingsController {
  constructor(
    private readonly bookings: BookingService,
    private readonly changes: ChangeBookingService,
  ) {}

  @Post()
  @Allow('booker', 'supervisor', 'admin')
  async book(@Caller() caller: Principal, @IdempotentKey() claim: IdempotencyClaim, @Body() body: BookInput) {
    const { meetingTypeId, leadId, hostId, startsAt, timeZone } = body;
    const start = instantOfInput(startsAt, timeZone);
    const id = await this.bookings.book(caller, claim, { meetingTypeId, leadId, hostId, startsAt: start });
    return asJson(await this.changes.one(caller, id));
  }

  @Get()
  @Allow('booker', 'supervisor', 'admin', 'dpo', 'client')
  async page(@Caller() caller: Principal, @Query() query: PageInput) {
    requireEngagement(caller, query.engagementId);
    const { items, next } = await this.changes.page(query.engagementId, query.limit, query.after);
    return { items: items.map(asJson), next };
  }

  @Get(':id')
  @Allow('booker', 'supervisor', 'admin', 'dpo', 'client')
  async one(@Caller() caller: Principal, @Param('id', IdPipe) id: string) {
    return asJson(await this.changes.one(caller, id));
  }

  @Post(':id/move')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async move(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: StartInput,
  ) {
    await this.changes.move(caller, claim, id, instantOfInput(body.startsAt, body.timeZone));
    return asJson(await this.changes.one(caller, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async cancel(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: CancelInput,
  ) {
    await this.changes.end(caller, claim, id, 'cancel', body.reason);
    return asJson(await this.changes.one(caller, id));
  }

  @Post(':id/held')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async held(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @IdempotentKey() claim: IdempotencyClaim) {
    await this.changes.end(caller, claim, id, 'hold');
    return asJson(await this.changes.one(caller, id));
  }

  @Post(':id/missed')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async missed(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @IdempotentKey() claim: IdempotencyClaim) {
    await this.changes.end(caller, claim, id, 'miss');
    return asJson(await this.changes.one(caller, id));
  }
}

const asJson = (b: Booking) => ({
  id: b.id,
  engagementId: b.engagementId,
  leadId: b.leadId,
  hostId: b.hostId,
  meetingTypeId: b.meetingTypeId,
  startsAt: b.startsAt.toString(),
  endsAt: b.endsAt.toString(),
  timeZone: b.timeZone,
  state: b.state,
  sequence: b.sequence,
});
