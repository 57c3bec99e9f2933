import { Allow, Caller, type Principal } from '@avtala/access';
import { IsTimeZone } from '@avtala/contracts';
import { IdempotentKey, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { weeklyHours } from '../domain/working-hours.js';
import { ONE_LINE } from './text-input.js';
import { SetupList } from '../services/setup-list.service.js';
import { SetupService } from '../services/setup.service.js';

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;

class HoursInput {
  /** 1 = Monday … 7 = Sunday */
  @IsInt() @Min(1) @Max(7) day!: number;
  @Matches(CLOCK) from!: string;
  @Matches(CLOCK) to!: string;
}

class HostInput {
  // Stands in mail headers and calendars: one line, and not a blank one.
  @Matches(ONE_LINE) @MaxLength(200) name!: string;
  @IsEmail() @MaxLength(254) email!: string;
  @IsTimeZone() timeZone!: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(50) @ArrayUnique() @IsUUID('all', { each: true }) engagementIds!: string[];
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => HoursInput)
  weeklyHours!: HoursInput[];
}

class HostMade {
  readonly id!: string;
}

class HoursAnswer {
  /** 1 = Monday … 7 = Sunday */
  readonly day!: number;
  /** `09:30` on the host's wall clock. */
  readonly from!: string;
  readonly to!: string;
}

class HostAnswer {
  readonly id!: string;
  readonly name!: string;
  readonly timeZone!: string;
  readonly weeklyHours!: HoursAnswer[];
  /** Of those that the caller may enter. */
  readonly engagementIds!: string[];
  /** What their own calendar is; null: none is connected. Its health: `/calendar-connections`. */
  readonly calendar!: 'google' | 'caldav' | null;
}

class HostsAnswer {
  readonly items!: HostAnswer[];
}

class OfEngagement {
  @IsOptional() @IsUUID() engagementId?: string;
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

@Controller('api/v1/hosts')
export class HostsController {
  constructor(
    private readonly setup: SetupService,
    private readonly setUp: SetupList,
  ) {}

  /** Who can be met: by name, never by address. */
  @Get()
  @Allow('booker', 'supervisor', 'admin', 'dpo', 'client')
  async list(@Caller() caller: Principal, @Query() query: OfEngagement): Promise<HostsAnswer> {
    const hosts = await this.setUp.hosts(caller, query.engagementId);
    return {
      items: hosts.map(({ id, name, zone, hours, engagementIds, calendar }) => ({
        id,
        name,
        timeZone: zone,
        weeklyHours: hours.map((h) => ({ day: h.day, from: clock(h.from), to: clock(h.to) })),
        engagementIds,
        calendar,
      })),
    };
  }

  @Post()
  @Allow('supervisor', 'admin')
  async add(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: HostInput,
  ): Promise<HostMade> {
    const { name, email, timeZone, engagementIds } = body;
    const hours = body.weeklyHours.map((h) => weeklyHours(h.day, h.from, h.to));
    return { id: await this.setup.addHost(caller, claim, { name, email, timeZone, engagementIds, hours }) };
  }
}
