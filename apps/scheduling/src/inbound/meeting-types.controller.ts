import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { SetupList } from '../services/setup-list.service.js';
import { SetupService } from '../services/setup.service.js';
import { SlotsService } from '../services/slots.service.js';
import { ONE_LINE } from './text-input.js';
import { instantOfInput, knownZone, localText } from './time-input.js';

class MeetingTypeInput {
  @IsUUID() engagementId!: string;
  // Stands in subject lines and calendars: one line.
  @Matches(ONE_LINE) @MaxLength(120) name!: string;
  @IsInt() @Min(5) @Max(480) lengthMinutes!: number;
  @IsInt() @Min(0) @Max(240) bufferBeforeMinutes = 0;
  @IsInt() @Min(0) @Max(240) bufferAfterMinutes = 0;
  @IsInt() @Min(0) @Max(43_200) noticeMinutes = 0;
  @IsInt() @Min(1) @Max(730) horizonDays = 60;
  @IsInt() @Min(5) @Max(480) stepMinutes = 30;
  /** Meetings of this type with one host in one of the host's days. */
  @IsOptional() @IsInt() @Min(1) @Max(100) maxPerDay?: number;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(50) @ArrayUnique() @IsUUID('all', { each: true }) hostIds!: string[];
  @IsOptional() @Matches(ONE_LINE) @MaxLength(200) location?: string;
}

class SlotsInput {
  /** Instants, or local times in `timeZone`. */
  @IsString() @MaxLength(40) from!: string;
  @IsString() @MaxLength(40) to!: string;
  @IsOptional() @IsString() @MaxLength(64) timeZone?: string;
}

class MeetingTypeMade {
  readonly id!: string;
}

class MeetingTypeAnswer {
  readonly id!: string;
  readonly engagementId!: string;
  readonly name!: string;
  readonly location!: string | null;
  readonly lengthMinutes!: number;
  readonly bufferBeforeMinutes!: number;
  readonly bufferAfterMinutes!: number;
  readonly noticeMinutes!: number;
  readonly horizonDays!: number;
  readonly stepMinutes!: number;
  readonly maxPerDay!: number | null;
  /** In the order in which they are tried. */
  readonly hostIds!: string[];
}

class MeetingTypesAnswer {
  readonly items!: MeetingTypeAnswer[];
}

class OfEngagement {
  @IsOptional() @IsUUID() engagementId?: string;
}

class SlotAnswer {
  readonly hostId!: string;
  readonly startsAt!: string;
  readonly endsAt!: string;
  /** The start on the clock of the zone asked for, with its offset. */
  readonly local!: string;
}

class CalendarRead {
  readonly hostId!: string;
  /** When their own calendar was read last. */
  readonly readAt!: string;
}

class EmptyDayAnswer {
  /** Calendar day in the zone asked for. */
  readonly day!: string;
  /** One of past, too-soon, beyond-horizon, outside-hours, calendar-unreadable, day-full, busy. */
  readonly reason!: string;
}

class SlotsAnswer {
  readonly slots!: SlotAnswer[];
  readonly unreadable!: string[];
  readonly calendars!: CalendarRead[];
  readonly days!: EmptyDayAnswer[];
}

@Controller('api/v1/meeting-types')
export class MeetingTypesController {
  constructor(
    private readonly setup: SetupService,
    private readonly setUp: SetupList,
    private readonly slots: SlotsService,
  ) {}

  @Get()
  @Allow('booker', 'supervisor', 'admin', 'dpo', 'client')
  async list(@Caller() caller: Principal, @Query() query: OfEngagement): Promise<MeetingTypesAnswer> {
    return { items: await this.setUp.meetingTypes(caller, query.engagementId) };
  }

  @Post()
  @Allow('supervisor', 'admin')
  async add(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: MeetingTypeInput,
  ): Promise<MeetingTypeMade> {
    return {
      id: await this.setup.addMeetingType(caller, claim, {
        ...body,
        location: body.location ?? null,
        maxPerDay: body.maxPerDay ?? null,
      }),
    };
  }

  /** Free starts, from what was read of hosts' calendars a moment ago: `calendars` says when. `unreadable` names hosts whose calendar did not answer:
   * they count as busy. `days` are those without a slot, with the reason. */
  @Get(':id/slots')
  @Allow('booker', 'supervisor', 'admin', 'client')
  async free(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Query() query: SlotsInput,
  ): Promise<SlotsAnswer> {
    const zone = query.timeZone === undefined ? undefined : knownZone(query.timeZone);
    const from = instantOfInput(query.from, zone);
    const to = instantOfInput(query.to, zone);
    const found = await this.slots.free(caller, id, { from, to, zone: zone ?? 'UTC' });
    return {
      slots: found.slots.map((s) => ({
        hostId: s.hostId,
        startsAt: s.startsAt.toString(),
        endsAt: s.endsAt.toString(),
        local: localText(s.startsAt, zone ?? 'UTC'),
      })),
      unreadable: found.unreadable,
      calendars: found.readAt.map((r) => ({ hostId: r.hostId, readAt: r.at.toString() })),
      days: found.days,
    };
  }
}
