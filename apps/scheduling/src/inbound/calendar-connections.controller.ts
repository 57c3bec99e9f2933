import { Allow, Caller, StepUp, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { IsIn, IsOptional, IsUrl, IsUUID, Matches, MaxLength, ValidateIf } from 'class-validator';
import { CalendarHealth, type ConnectionHealth } from '../services/calendar-health.js';
import { ConnectCalendarService } from '../services/connect-calendar.service.js';
import { ONE_LINE } from './text-input.js';

// Which addresses may be called is safeFetch's word; here only that it is one. The name at the server may not hold a colon (RFC 7617).
const ADDRESS = { require_tld: false, require_protocol: true, protocols: ['https', 'http'] };
const NO_COLON = /^[^\p{Cc}:]*[^\s\p{C}:][^\p{Cc}:]*$/u;

class ServerInput {
  @IsUUID() hostId!: string;
  @IsUrl(ADDRESS) @MaxLength(500) serverUrl!: string;
  @Matches(NO_COLON) @MaxLength(254) username!: string;
  @Matches(ONE_LINE) @MaxLength(500) password!: string;
}

const isGoogle = (c: ConnectionInput): boolean => c.kind === 'google';
const isCaldav = (c: ConnectionInput): boolean => c.kind === 'caldav';

class ConnectionInput {
  @IsUUID() hostId!: string;
  @IsIn(['google', 'caldav']) kind!: 'google' | 'caldav';
  @ValidateIf(isGoogle) @Matches(ONE_LINE) @MaxLength(254) calendarId?: string;
  @ValidateIf(isGoogle) @Matches(ONE_LINE) @MaxLength(2048) refreshToken?: string;
  @ValidateIf(isCaldav) @IsUrl(ADDRESS) @MaxLength(500) serverUrl?: string;
  @ValidateIf(isCaldav) @Matches(NO_COLON) @MaxLength(254) username?: string;
  @ValidateIf(isCaldav) @Matches(ONE_LINE) @MaxLength(500) password?: string;
  /** One of those that discovery lists; may be left out when there is one. */
  @IsOptional() @IsUrl(ADDRESS) @MaxLength(500) calendarUrl?: string;
}

class ListInput {
  /** All of the caller's when left out. */
  @IsOptional() @IsUUID() engagementId?: string;
}

class ConnectionMade {
  readonly id!: string;
}

class CalendarChoice {
  readonly url!: string;
  readonly name!: string;
}

class CalendarChoices {
  readonly calendars!: CalendarChoice[];
}

class HealthAnswer {
  readonly id!: string;
  readonly hostId!: string;
  /** google or caldav. */
  readonly kind!: string;
  /** connected, unreadable, or revoked: its owner must connect it again. */
  readonly state!: string;
  readonly lastReadAt!: string | null;
  readonly lastWriteAt!: string | null;
  readonly code!: string | null;
}

class HealthList {
  readonly items!: HealthAnswer[];
}

@Controller('api/v1/calendar-connections')
export class CalendarConnectionsController {
  constructor(
    private readonly connections: ConnectCalendarService,
    private readonly health: CalendarHealth,
  ) {}

  /** The calendars a person has on their CalDAV server. Nothing is kept. */
  @Post('discover')
  @HttpCode(200)
  @Allow('supervisor', 'admin')
  async discover(
    @Caller() caller: Principal,
    @IdempotentKey() _: IdempotencyClaim,
    @Body() body: ServerInput,
  ): Promise<CalendarChoices> {
    return { calendars: await this.connections.discover(caller, body) };
  }

  /** From now on this calendar is written leads' names and numbers: whoever connects one has just proved who they are. */
  @Post()
  @Allow('supervisor', 'admin')
  @StepUp()
  async connect(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: ConnectionInput,
  ): Promise<ConnectionMade> {
    const { hostId, kind } = body;
    if (kind === 'google') {
      const { calendarId, refreshToken } = body;
      return {
        id: await this.connections.connect(caller, claim, {
          hostId,
          kind,
          calendarId: calendarId!,
          refreshToken: refreshToken!,
        }),
      };
    }
    const { serverUrl, username, password, calendarUrl } = body;
    const server = { hostId, serverUrl: serverUrl!, username: username!, password: password! };
    return { id: await this.connections.connectCaldav(caller, claim, { ...server, calendarUrl }) };
  }

  @Get()
  @Allow('booker', 'supervisor', 'admin', 'client')
  async list(@Caller() caller: Principal, @Query() query: ListInput): Promise<HealthList> {
    return { items: (await this.health.list(caller, query.engagementId)).map(asJson) };
  }

  @Get(':id/health')
  @Allow('booker', 'supervisor', 'admin', 'client')
  async one(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<HealthAnswer> {
    return asJson(await this.health.of(caller, id));
  }
}

const asJson = (h: ConnectionHealth): HealthAnswer => ({
  id: h.id,
  hostId: h.hostId,
  kind: h.kind,
  state: h.state,
  lastReadAt: h.readAt?.toString() ?? null,
  lastWriteAt: h.writtenAt?.toString() ?? null,
  code: h.code,
});
