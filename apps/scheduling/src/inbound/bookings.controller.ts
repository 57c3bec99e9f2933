import { Allow, Caller, type Principal } from '@avtala/access';
import { IsTimeZone } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator';
import { BOOKING_STATES, type BookingState } from '../domain/decide-change.js';
import { BookingService } from '../services/booking.service.js';
import { ChangeBookingService } from '../services/change-booking.service.js';
import type { Booking } from '../storage/bookings.js';
import type { CalendarStanding } from '../storage/calendar-events.js';
import type { InviteStanding } from '../storage/invites.js';
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
  /** All of the caller's when left out. */
  @IsOptional() @IsUUID() engagementId?: string;
  /** Only this lead's. */
  @IsOptional() @IsUUID() leadId?: string;
  @IsOptional() @IsUUID() hostId?: string;
  @IsOptional() @IsIn(BOOKING_STATES) state?: BookingState;
  /** Only those that start then or later; with an offset or Z. */
  @IsOptional() @IsString() @MaxLength(40) from?: string;
  /** Only those that start before. */
  @IsOptional() @IsString() @MaxLength(40) to?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @IsUUID() after?: string;
}

class ReassignInput {
  @IsUUID() hostId!: string;
}

/** Where the meeting stands in its host's own calendar. */
class InCalendar {
  /** writing, written, removed, failed or erased. */
  readonly state!: string;
  /** Why it failed. */
  readonly code!: string | null;
  /** What the host did to it: moved or deleted. The meeting stands as it was agreed until somebody decides. */
  readonly hostChange!: string | null;
  /** Where the host moved it to. */
  readonly hostStartsAt!: string | null;
}

/** What became of the last message to the lead about the meeting. */
class Invitation {
  /** REQUEST or CANCEL, as iTIP has them. */
  readonly method!: 'REQUEST' | 'CANCEL';
  readonly state!: 'sending' | 'sent' | 'failed';
  /** Why it failed. */
  readonly code!: string | null;
}

class BookingAnswer {
  readonly id!: string;
  readonly engagementId!: string;
  readonly leadId!: string;
  readonly hostId!: string;
  readonly meetingTypeId!: string;
  readonly startsAt!: string;
  readonly endsAt!: string;
  readonly timeZone!: string;
  readonly state!: string;
  readonly sequence!: number;
  /** null: not tried yet, or the host has no calendar connected. */
  readonly calendar!: InCalendar | null;
  /** null: none was tried yet. */
  readonly invitation!: Invitation | null;
  /** Id of the person of the staff whose booking it is; null: the lead did it by a link. Clients are not told. */
  readonly bookedBy!: string | null;
}

class BookingPage {
  readonly items!: BookingAnswer[];
  readonly next!: string | null;
}

@Controller('api/v1/bookings')
export class BookingsController {
  constructor(
    private readonly bookings: BookingService,
    private readonly changes: ChangeBookingService,
  ) {}

  @Post()
  @Allow('booker', 'supervisor', 'admin')
  async book(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: BookInput,
  ): Promise<BookingAnswer> {
    const { meetingTypeId, leadId, hostId, startsAt, timeZone } = body;
    const start = instantOfInput(startsAt, timeZone);
    const id = await this.bookings.book(caller, claim, { meetingTypeId, leadId, hostId, startsAt: start });
    return this.#one(caller, id);
  }

  @Get()
  @Allow('booker', 'supervisor', 'admin', 'dpo', 'client')
  async page(@Caller() caller: Principal, @Query() query: PageInput): Promise<BookingPage> {
    const { from, to, ...rest } = query;
    const { items, next } = await this.changes.page(caller, {
      ...rest,
      from: from === undefined ? undefined : instantOfInput(from, undefined),
      to: to === undefined ? undefined : instantOfInput(to, undefined),
    });
    return { items: await this.#shown(caller, items), next };
  }

  @Get(':id')
  @Allow('booker', 'supervisor', 'admin', 'dpo', 'client')
  async one(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<BookingAnswer> {
    return this.#one(caller, id);
  }

  @Post(':id/move')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async move(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: StartInput,
  ): Promise<BookingAnswer> {
    await this.changes.move(caller, claim, id, instantOfInput(body.startsAt, body.timeZone));
    return this.#one(caller, id);
  }

  /** Gives the meeting to another host of its type, at the same time and under the rules of booking. */
  @Post(':id/reassign')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async reassign(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: ReassignInput,
  ): Promise<BookingAnswer> {
    await this.changes.reassign(caller, claim, id, body.hostId);
    return this.#one(caller, id);
  }

  /** Writes the meeting into its host's calendar once more, as it was agreed; takes one that was cancelled out once more. */
  @Post(':id/write-again')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async writeAgain(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<BookingAnswer> {
    await this.changes.writeAgain(caller, claim, id);
    return this.#one(caller, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async cancel(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: CancelInput,
  ): Promise<BookingAnswer> {
    await this.changes.end(caller, claim, id, 'cancel', body.reason);
    return this.#one(caller, id);
  }

  @Post(':id/held')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async held(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<BookingAnswer> {
    await this.changes.end(caller, claim, id, 'hold');
    return this.#one(caller, id);
  }

  @Post(':id/missed')
  @HttpCode(200)
  @Allow('booker', 'supervisor', 'admin')
  async missed(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<BookingAnswer> {
    await this.changes.end(caller, claim, id, 'miss');
    return this.#one(caller, id);
  }

  async #one(caller: Principal, id: string): Promise<BookingAnswer> {
    const [shown] = await this.#shown(caller, [await this.changes.one(caller, id)]);
    return shown!;
  }

  async #shown(caller: Principal, bookings: readonly Booking[]): Promise<BookingAnswer[]> {
    const { calendars, invites } = await this.changes.standings(caller, bookings);
    return bookings.map((b) => ({
      ...asJson(b, calendars.get(b.id), invites.get(b.id)),
      bookedBy: caller.role === 'client' ? null : b.bookedBy,
    }));
  }
}

const asJson = (
  b: Booking,
  s: CalendarStanding | undefined,
  i: InviteStanding | undefined,
): Omit<BookingAnswer, 'bookedBy'> => ({
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
  calendar: s
    ? { state: s.state, code: s.code, hostChange: s.hostChange, hostStartsAt: s.hostStartsAt?.toString() ?? null }
    : null,
  invitation: i ? { method: i.method, state: i.state, code: i.code } : null,
});
