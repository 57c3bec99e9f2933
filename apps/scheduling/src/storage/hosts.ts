import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { WeeklyHours } from '../domain/working-hours.js';

export interface HostRow {
  id: string;
  zone: string;
  hours: WeeklyHours[];
  /** Sealed {name, email}. */
  person: Buffer;
}

export interface ConnectionRow {
  id: string;
  hostId: string;
  kind: 'google' | 'caldav';
  /** Of the host. */
  zone: string;
  /** Sealed: of Google {calendarId, refreshToken}, of CalDAV {calendarUrl, username, password}. */
  access: Buffer;
}

export async function insertHost(tx: EntityManager, host: HostRow, engagementIds: readonly string[]): Promise<void> {
  await tx.query('insert into host (id, time_zone, person, weekly_hours) values ($1, $2, $3, $4)', [
    host.id,
    host.zone,
    host.person,
    JSON.stringify(host.hours),
  ]);
  await tx.query('insert into host_engagement (engagement_id, host_id) select unnest($2::uuid[]), $1', [
    host.id,
    engagementIds,
  ]);
}

/** Hosts that serve an engagement in the transaction's scope; others are absent. */
export async function findHosts(tx: EntityManager, ids: readonly string[], engagementId?: string): Promise<HostRow[]> {
  const found = await rows<{ id: string; time_zone: string; weekly_hours: WeeklyHours[]; person: Buffer }>(
    tx,
    `select h.id, h.time_zone, h.weekly_hours, h.person from host h
     where h.id = any($1::uuid[]) and exists (select from host_engagement e where e.host_id = h.id
       and ($2::uuid is null or e.engagement_id = $2))
     order by array_position($1::uuid[], h.id)`,
    [ids, engagementId ?? null],
  );
  return found.map((r) => ({ id: r.id, zone: r.time_zone, hours: r.weekly_hours, person: r.person }));
}

/** @returns false when the host has a calendar already */
export async function insertConnection(tx: EntityManager, c: Omit<ConnectionRow, 'zone'>): Promise<boolean> {
  const n = await affected(
    tx,
    `insert into calendar_connection (id, host_id, kind, access) values ($1, $2, $3, $4) on conflict do nothing`,
    [c.id, c.hostId, c.kind, c.access],
  );
  return n > 0;
}

/** New access to the calendar that is connected already; its next reading is a full one. @returns false when the connection is gone */
export async function renewConnection(tx: EntityManager, id: string, access: Buffer): Promise<boolean> {
  const n = await affected(tx, 'update calendar_connection set access = $2 where id = $1', [id, access]);
  await tx.query(
    'update calendar_state set token = null, code = null, version = version + 1 where connection_id = $1',
    [id],
  );
  return n > 0;
}

const CONNECTIONS = `select c.id, c.host_id as "hostId", c.kind, h.time_zone as zone, c.access
  from calendar_connection c join host h on h.id = c.host_id`;

export async function connectionsOf(tx: EntityManager, hostIds: readonly string[]): Promise<ConnectionRow[]> {
  return rows<ConnectionRow>(tx, `${CONNECTIONS} where c.host_id = any($1::uuid[])`, [hostIds]);
}

export async function connectionsById(tx: EntityManager, ids: readonly string[]): Promise<ConnectionRow[]> {
  return rows<ConnectionRow>(tx, `${CONNECTIONS} where c.id = any($1::uuid[])`, [ids]);
}

/** Ids of an engagement's hosts. */
export async function hostsOf(tx: EntityManager, engagementId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    'select host_id as id from host_engagement where engagement_id = $1 order by host_id',
    [engagementId],
  );
  return found.map((f) => f.id);
}

/** A host with what is asked when they are listed. */
export interface HostLine extends HostRow {
  /** Of those in the transaction's scope. */
  engagementIds: string[];
  calendar: 'google' | 'caldav' | null;
}

/** Hosts that serve an engagement in the transaction's scope. */
export async function listHosts(tx: EntityManager, engagementId: string | null): Promise<HostLine[]> {
  return rows<HostLine>(
    tx,
    `select h.id, h.time_zone as zone, h.weekly_hours as hours, h.person,
       array(select e.engagement_id from host_engagement e where e.host_id = h.id order by 1) as "engagementIds",
       (select c.kind from calendar_connection c where c.host_id = h.id) as calendar
     from host h where exists (select from host_engagement e where e.host_id = h.id
       and ($1::uuid is null or e.engagement_id = $1))
     order by h.id`,
    [engagementId],
  );
}
