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
  /** Sealed {calendarId, refreshToken}. */
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
export async function insertConnection(tx: EntityManager, c: ConnectionRow): Promise<boolean> {
  const n = await affected(
    tx,
    `insert into calendar_connection (id, host_id, kind, access) values ($1, $2, 'google', $3) on conflict do nothing`,
    [c.id, c.hostId, c.access],
  );
  return n > 0;
}

export async function connectionsOf(tx: EntityManager, hostIds: readonly string[]): Promise<ConnectionRow[]> {
  return rows<ConnectionRow>(
    tx,
    `select id, host_id as "hostId", access from calendar_connection where host_id = any($1::uuid[])`,
    [hostIds],
  );
}

export async function connectionsById(tx: EntityManager, ids: readonly string[]): Promise<ConnectionRow[]> {
  return rows<ConnectionRow>(
    tx,
    `select id, host_id as "hostId", access from calendar_connection where id = any($1::uuid[])`,
    [ids],
  );
}
