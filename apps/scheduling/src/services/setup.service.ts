import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { answeredBefore, claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { seal, unseal, Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { CalendarConnected } from '../domain/errors.js';
import type { WeeklyHours } from '../domain/working-hours.js';
import { findHosts, insertConnection, insertHost, type HostRow } from '../storage/hosts.js';
import { insertMeetingType, type MeetingType } from '../storage/meeting-types.js';
import { CalendarSchedule } from './calendar-schedule.js';
import { connectionAad } from './calendars.js';

export interface HostPerson {
  name: string;
  email: string;
}

/** How a calendar is reached, as it is sealed. */
export type NewConnection =
  | { kind: 'google'; calendarId: string; refreshToken: string }
  | { kind: 'caldav'; calendarUrl: string; username: string; password: string };

export const hostAad = (id: string): string => `host:${id}:1`;

// Membership is agency's word, so an engagement whose start is still on its way here may be set up already; an erased one not again.
async function notBuried(tx: EntityManager, engagementId: string): Promise<void> {
  if (await isBuried(tx, { engagementId })) throw new Missing('engagement');
}

/** Hosts, meeting types and calendar connections: what an engagement is set up with. */
@Injectable()
export class SetupService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly audit: AuditTrail,
    private readonly sync: CalendarSchedule,
  ) {}

  /** @throws Missing an engagement that is not the caller's */
  async addHost(
    caller: Principal,
    claim: IdempotencyClaim,
    host: HostPerson & { timeZone: string; hours: WeeklyHours[]; engagementIds: string[] },
  ): Promise<string> {
    for (const engagementId of host.engagementIds) requireEngagement(caller, engagementId);
    return this.#once(caller, claim, host.engagementIds, async (id) => {
      const person: HostPerson = { name: host.name, email: host.email };
      const key = await this.vault.create('host', id);
      const row: HostRow = { id, zone: host.timeZone, hours: host.hours, person: seal(key, hostAad(id), person) };
      return async (tx) => {
        for (const engagementId of host.engagementIds) await notBuried(tx, engagementId);
        await insertHost(tx, row, host.engagementIds);
        await this.audit.record(tx, {
          action: 'host.added',
          principal: caller,
          subjectIds: [id],
          fields: ['name', 'email'],
        });
      };
    });
  }

  /** @throws Missing the engagement, or a host that does not serve it */
  async addMeetingType(caller: Principal, claim: IdempotencyClaim, type: Omit<MeetingType, 'id'>): Promise<string> {
    requireEngagement(caller, type.engagementId);
    return this.#once(caller, claim, [type.engagementId], (id) =>
      Promise.resolve(async (tx: EntityManager) => {
        await notBuried(tx, type.engagementId);
        const serving = await findHosts(tx, type.hostIds, type.engagementId);
        if (serving.length !== type.hostIds.length) throw new Missing('host');
        await insertMeetingType(tx, { ...type, id });
        await this.audit.record(tx, {
          action: 'meeting-type.added',
          principal: caller,
          engagementId: type.engagementId,
          detail: { meetingType: id },
        });
      }),
    );
  }

  /** Connects a host's own calendar; its token is sealed under a key of the connection. @throws Missing, CalendarConnected */
  async connectCalendar(
    caller: Principal,
    claim: IdempotencyClaim,
    connection: { hostId: string } & NewConnection,
  ): Promise<string> {
    return this.#once(caller, claim, caller.engagementIds, async (id) => {
      const key = await this.vault.create('connection', id);
      const { hostId, kind, ...secret } = connection;
      const access = seal(key, connectionAad(id), secret);
      return async (tx) => {
        if (!(await findHosts(tx, [hostId])).length) throw new Missing('host');
        if (!(await insertConnection(tx, { id, hostId, kind, access }))) throw new CalendarConnected();
        await this.sync.schedule(tx, id);
        await this.audit.record(tx, {
          action: 'calendar.connected',
          principal: caller,
          subjectIds: [hostId],
        });
      };
    });
  }

  /** The host as a person; undefined when their key is gone. */
  async openHost(host: HostRow): Promise<HostPerson | undefined> {
    const key = (await this.vault.open('host', [host.id], 'invite')).get(host.id);
    return key && (unseal(key, hostAad(host.id), host.person) as HostPerson);
  }

  // Keys live in another database: they are made before the transaction. One whose transaction then fails belongs to nobody and opens nothing.
  async #once(
    caller: Principal,
    claim: IdempotencyClaim,
    engagementIds: readonly string[],
    prepare: (id: string) => Promise<(tx: EntityManager) => Promise<void>>,
  ): Promise<string> {
    const scope = engagementIds.length ? scopeOf(...engagementIds) : scopeOfCaller(caller);
    const before = await this.db.withScope(scope, (tx) => answeredBefore(tx, claim));
    if (before?.resourceId) return before.resourceId;
    const id = randomUUIDv7();
    const work = await prepare(id);
    return this.db.withScope(scope, async (tx) => {
      const twin = await claimKey(tx, claim);
      if (twin?.resourceId) return twin.resourceId;
      await work(tx);
      const [only] = engagementIds;
      await settleKey(tx, claim, {
        status: 201,
        resourceId: id,
        ...(engagementIds.length === 1 && only ? { engagementId: only } : {}),
      });
      return id;
    });
  }
}
