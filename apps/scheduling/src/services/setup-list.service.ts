import { requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Db, scopeOf, type Scope } from '@avtala/database';
import { unseal, Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import { listHosts, type HostLine } from '../storage/hosts.js';
import { listMeetingTypes, type MeetingType } from '../storage/meeting-types.js';
import { hostAad, type HostPerson } from './setup.service.js';

/** What an engagement was set up with: its hosts by name, never by address, and its kinds of meetings. */
@Injectable()
export class SetupList {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
  ) {}

  /** @returns hosts whose key still exists, with their name; @throws Missing an engagement that is not the caller's */
  async hosts(caller: Principal, engagementId: string | undefined): Promise<(HostLine & { name: string })[]> {
    const scope = this.scope(caller, engagementId);
    if (!scope) return [];
    const found = await this.db.withScope(scope, (tx) => listHosts(tx, engagementId ?? null));
    const keys = await this.vault.open(
      'host',
      found.map((host) => host.id),
      'invite',
    );
    return found.flatMap((host) => {
      const key = keys.get(host.id);
      return key ? [{ ...host, name: (unseal(key, hostAad(host.id), host.person) as HostPerson).name }] : [];
    });
  }

  /** @throws Missing an engagement that is not the caller's */
  async meetingTypes(caller: Principal, engagementId: string | undefined): Promise<MeetingType[]> {
    const scope = this.scope(caller, engagementId);
    return scope ? this.db.withScope(scope, (tx) => listMeetingTypes(tx, engagementId ?? null)) : [];
  }

  private scope(caller: Principal, engagementId: string | undefined): Scope | undefined {
    if (engagementId !== undefined) {
      requireEngagement(caller, engagementId);
      return scopeOf(engagementId);
    }
    return caller.engagementIds.length ? scopeOfCaller(caller) : undefined;
  }
}
