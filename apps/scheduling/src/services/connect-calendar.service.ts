import { scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { answeredBefore, type IdempotencyClaim } from '@avtala/http';
import { Injectable } from '@nestjs/common';
import { SchedulingConfig } from '../config.js';
import { CalendarChoiceNeeded } from '../domain/errors.js';
import { discover, type FoundCalendar } from '../outbound/caldav/discovery.js';
import { CalendarRefused } from '../outbound/host-calendar.js';
import { findHosts } from '../storage/hosts.js';
import { SetupService, type NewConnection } from './setup.service.js';

interface Server {
  hostId: string;
  serverUrl: string;
  username: string;
  password: string;
}

/** Connects hosts' own calendars: what a person typed is tried out before it is kept. */
@Injectable()
export class ConnectCalendarService {
  constructor(
    private readonly db: Db,
    private readonly setup: SetupService,
    private readonly config: SchedulingConfig,
  ) {}

  /** @throws Missing; UrlRefused, CalendarRefused, AnswerRefused, RetryLater as discovery does */
  async discover(caller: Principal, server: Server): Promise<FoundCalendar[]> {
    const host = await this.db.withScope(scopeOfCaller(caller), (tx) => findHosts(tx, [server.hostId]));
    if (!host.length) throw new Missing('host');
    return discover(server, this.config.caldavAllowedHosts);
  }

  /** @param server.calendarUrl one of those discovery lists; may be left out when there is one
   * @throws as discover; CalendarChoiceNeeded several; CalendarConnected */
  async connectCaldav(
    caller: Principal,
    claim: IdempotencyClaim,
    server: Server & { calendarUrl?: string | undefined },
  ): Promise<string> {
    const before = await this.db.withScope(scopeOfCaller(caller), (tx) => answeredBefore(tx, claim));
    if (before?.resourceId) return before.resourceId;
    const calendars = await this.discover(caller, server);
    const wanted = server.calendarUrl && new URL(server.calendarUrl).href.replace(/\/?$/, '/');
    const chosen = wanted ? calendars.filter((c) => c.url === wanted) : calendars;
    // Only what discovery found: any other address would be called with the person's password.
    if (!chosen.length) throw new CalendarRefused('caldav-no-such-calendar');
    if (chosen.length > 1) throw new CalendarChoiceNeeded();
    const { hostId, username, password } = server;
    return this.connect(caller, claim, { hostId, kind: 'caldav', calendarUrl: chosen[0]!.url, username, password });
  }

  /** Sealed under a key of the connection. @throws Missing, CalendarConnected */
  connect(caller: Principal, claim: IdempotencyClaim, connection: { hostId: string } & NewConnection): Promise<string> {
    return this.setup.connectCalendar(caller, claim, connection);
  }
}
