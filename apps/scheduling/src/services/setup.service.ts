import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { answeredBefore, claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { seal, unseal, Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import { randomUUIDv7, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { CalendarConnected } from '../domain/errors.js';
import type { WeeklyHours } from '../domain/working-hours.js';
import {
  connectionsOf,
  findHosts,
  insertConnection,
  insertHost,
  renewConnection,
  type HostRow,
} from '../storage/hosts.js';
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

/** What is about to be kept, and under which id. */
interface Prepared {
  id: string;
  work: (tx: EntityManager) => Promise<void>;
}

/** Which calendar a connection leads to, whoever opens it. */
const addressOf = (c: NewConnection): string => `${c.kind} ${c.kind === 'google' ? c.calendarId : c.calendarUrl}`;

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
      const work = async (tx: EntityManager) => {
        for (const engagementId of host.engagementIds) await notBuried(tx, engagementId);
        await insertHost(tx, row, host.engagementIds);
        await this.audit.record(tx, {
          action: 'host.added',
          principal: caller,
          subjectIds: [id],
          fields: ['name', 'email'],
        });
      };
      return { id, work };
    });
  }

  /** @throws Missing the engagement, or a host that does not serve it */
  async addMeetingType(caller: Principal, claim: IdempotencyClaim, type: Omit<MeetingType, 'id'>): Promise<string> {
    requireEngagement(caller, type.engagementId);
    return this.#once(caller, claim, [type.engagementId], (id) => {
      const work = async (tx: EntityManager) => {
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
      };
      return Promise.resolve({ id, work });
    });
  }

  /** Connects a host's own calendar; its token is sealed under a key of the connection. The calendar that is connected already, whose owner had taken
   * our access away, keeps its connection: what was written through it is looked up through it.
   * @throws Missing, CalendarConnected the host has another calendar */
  async connectCalendar(
    caller: Principal,
    claim: IdempotencyClaim,
    connection: { hostId: string } & NewConnection,
  ): Promise<string> {
    const { hostId, kind, ...secret } = connection;
    return this.#once(caller, claim, caller.engagementIds, async (newId) => {
      const known = await this.#sameCalendar(caller, connection);
      const id = known?.id ?? newId;
      const access = seal(known?.key ?? (await this.vault.create('connection', id)), connectionAad(id), secret);
      return {
        id,
        work: async (tx) => {
          if (!(await findHosts(tx, [hostId])).length) throw new Missing('host');
          const done = known ? renewConnection(tx, id, access) : insertConnection(tx, { id, hostId, kind, access });
          if (!(await done)) throw new CalendarConnected();
          await this.sync.schedule(tx, id);
          await this.audit.record(tx, {
            action: 'calendar.connected',
            principal: caller,
            subjectIds: [hostId],
          });
        },
      };
    });
  }

  /** The host's connection when it leads to this very calendar, with its key. */
  async #sameCalendar(
    caller: Principal,
    wanted: { hostId: string } & NewConnection,
  ): Promise<{ id: string; key: KeyObject } | undefined> {
    const [known] = await this.db.withScope(scopeOfCaller(caller), async (tx) =>
      (await findHosts(tx, [wanted.hostId])).length ? connectionsOf(tx, [wanted.hostId]) : [],
    );
    const key = known && (await this.vault.open('connection', [known.id], 'calendar')).get(known.id);
    if (!key) return undefined;
    const secret = unseal(key, connectionAad(known.id), known.access) as object;
    const opened = { kind: known.kind, ...secret } as NewConnection;
    return addressOf(opened) === addressOf(wanted) ? { id: known.id, key } : undefined;
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
    prepare: (newId: string) => Promise<Prepared>,
  ): Promise<string> {
    const scope = engagementIds.length ? scopeOf(...engagementIds) : scopeOfCaller(caller);
    const before = await this.db.withScope(scope, (tx) => answeredBefore(tx, claim));
    if (before?.resourceId) return before.resourceId;
    const { id, work } = await prepare(randomUUIDv7());
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
