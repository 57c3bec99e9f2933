import { Allow, Caller, type Principal } from '@avtala/access';
import { IsCalendarDate } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { CallingRulesOf } from '../services/calling-rules.service.js';
import { CallingDesk } from '../services/desk.service.js';
import { MyDay } from '../services/my-day.service.js';
import { Outcomes } from '../services/outcomes.service.js';
import type { StoredRules } from '../storage/calling-rules.js';
import { CallableBody, CallbackPage, Moved, MyDayBody, Noted, QueueBody, RulesBody, Undone } from './desk-bodies.js';

/** 00:00 to 24:00, on the clock of whoever is called. */
const LOCAL_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;

class Hours {
  @Matches(LOCAL_TIME) from!: string;
  @Matches(LOCAL_TIME) until!: string;
}

class Rules {
  @IsInt() @Min(1) @Max(20) maxAttempts!: number;
  @IsInt() @Min(1) @Max(43_200) waitNoAnswerMinutes!: number;
  @IsInt() @Min(1) @Max(43_200) waitBusyMinutes!: number;
  @IsInt() @Min(0) @Max(1440) callbackGraceMinutes!: number;
  @IsObject() @ValidateNested() @Type(() => Hours) hours!: Hours;
  /** ISO weekdays, 1 = Monday. */
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(7) @ArrayUnique() @IsInt({ each: true }) @Min(1, { each: true }) @Max(7, { each: true }) weekdays!: number[]; // prettier-ignore
  @IsBoolean() onHolidays!: boolean;
  @IsBoolean() onEves!: boolean;
  /** The version that was read (0: the defaults): another one answers 409. */
  @IsOptional() @IsInt() @Min(0) version?: number;
}

class OfEngagement {
  @IsOptional() @IsUUID() engagementId?: string;
}

class DayQuery extends OfEngagement {
  /** Swedish calendar day; default today. */
  @IsOptional() @IsCalendarDate() on?: string;
}

class CallbackQuery extends OfEngagement {
  /** Only those whose time, and the rules' grace, have passed. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  overdue?: boolean;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @Matches(/^\d{4}-[\d:.TZ-]{6,30}~[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) after?: string;
}

class Move {
  /** null: anybody of the engagement. */
  @IsOptional() @IsUUID() toUserId?: string | null;
}

class Nix {
  /** Day of the register's version. */
  @IsCalendarDate() registerOn!: string;
  @IsBoolean() listed!: boolean;
}

class NumberFact {
  @IsIn(['company', 'private']) kind!: 'company' | 'private';
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Nix) nix?: Nix;
}

/** What stands round the call: rules, the queue, promises to call, why a lead is not called, and the last outcome taken back. */
@Controller('api/v1')
export class CallingDeskController {
  constructor(
    @Inject(CallingDesk) private readonly desk: CallingDesk,
    @Inject(CallingRulesOf) private readonly rules: CallingRulesOf,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
    @Inject(MyDay) private readonly days: MyDay,
  ) {}

  @Get('engagements/:id/calling-rules')
  @Allow('admin', 'supervisor', 'booker', 'dpo')
  async readRules(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<RulesBody> {
    return bodyOf(await this.rules.read(caller, id));
  }

  @Put('engagements/:id/calling-rules')
  @Allow('admin', 'supervisor')
  async writeRules(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @Body() body: Rules,
  ): Promise<RulesBody> {
    const { hours, version, ...rest } = body;
    const rules = { ...rest, fromMinute: minuteOf(hours.from), untilMinute: minuteOf(hours.until) };
    return bodyOf(await this.rules.write(caller, id, rules, version));
  }

  @Get('leads/:id/callable')
  @Allow('supervisor', 'booker', 'dpo')
  async callable(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<CallableBody> {
    return this.desk.why(caller, id);
  }

  /** B10: what is known of the number, and of the register against calls. */
  @Put('leads/:id/number')
  @Allow('supervisor', 'booker', 'dpo')
  async number(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Body() body: NumberFact): Promise<Noted> {
    await this.desk.setNumber(caller, id, body);
    return { id };
  }

  @Get('calling/queue')
  @Allow('booker', 'supervisor')
  async queue(@Caller() caller: Principal, @Query() query: OfEngagement): Promise<QueueBody> {
    return this.desk.queue(caller, query.engagementId);
  }

  /** What the caller recorded on a day, by hour: one's own counts and nobody else's. */
  @Get('calling/my-day')
  @Allow('booker', 'supervisor', 'admin')
  async myDay(@Caller() caller: Principal, @Query() query: DayQuery): Promise<MyDayBody> {
    return this.days.of(caller, query.engagementId, query.on);
  }

  @Get('calling/callbacks')
  @Allow('supervisor')
  async callbacks(@Caller() caller: Principal, @Query() query: CallbackQuery): Promise<CallbackPage> {
    const { after, limit, engagementId, overdue } = query;
    const [at, id] = after?.split('~') ?? [];
    const { items, last } = await this.desk.callbacks(caller, {
      limit,
      ...(engagementId ? { engagementId } : {}),
      ...(overdue ? { overdue } : {}),
      ...(at && id ? { after: { at, id } } : {}),
    });
    return { items, next: last && `${last.at}~${last.id}` };
  }

  @Post('calling/callbacks/:id/move')
  @Allow('supervisor')
  @HttpCode(200)
  async move(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: Move,
  ): Promise<Moved> {
    const userId = body.toUserId ?? null;
    await this.desk.move(caller, id, claim, userId);
    return { leadId: id, userId };
  }

  @Post('outcomes/:id/undo')
  @Allow('admin', 'supervisor', 'booker')
  @HttpCode(200)
  async undo(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<Undone> {
    return this.outcomes.undo(caller, id, claim);
  }
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function bodyOf({ fromMinute, untilMinute, weekdays, ...rules }: StoredRules): RulesBody {
  return { ...rules, weekdays: [...weekdays], hours: { from: timeOf(fromMinute), until: timeOf(untilMinute) } };
}
