import { rows } from '@avtala/database';
import type { Ground } from '@avtala/contracts';
import type { EntityManager } from 'typeorm';
import type { LeadStatus } from '../domain/lead-status.js';
import { FROM, ROW, type LeadRow } from './lead.js';

export interface LeadFilter {
  engagementIds: readonly string[];
  status?: LeadStatus;
  source?: string;
  ground?: Ground;
  /** Not told yet, and obtained before this instant: the notice is due by a month later. */
  obtainedBefore?: string;
  callable?: boolean;
  /** Whom this booker has, or had last. */
  bookerId?: string;
  /** Only who may be spoken to: not who said no, is in dispute or is being erased. */
  lawful?: boolean;
}

/** The clocks a filter is read by. */
export interface ListTimes {
  now: string;
  realNow: Date;
  /** Obtained before this: the notice is urgent. */
  warnFrom: string;
}

/** `notice`: who was not told yet, in the order in which their month ends. */
export type LeadSort = 'newest' | 'oldest' | 'notice';

/** Where a page goes on: behind this row. */
export interface After {
  id: string;
  /** `obtained_at`, for sort `notice`. */
  at?: string;
}

const TOMB = `EXISTS (SELECT FROM tombstone t WHERE t.kind = 'lead' AND t.id = l.id)`;
const ALIVE = `NOT ${TOMB}`;
const OPEN = `l.state = 'open' AND NOT l.restricted`;
const UNCLAIMED = `(l.claimed_until IS NULL OR l.claimed_until < $3)`;
const WAITS = `l.queue <> 0 AND ${UNCLAIMED} AND ${OPEN}`;
const DUE = `l.callable_at <= $2 AND ${WAITS}`;
const URGENT = `(l.informed_at IS NULL AND l.obtained_at < $4)`;

/** domain/lead-status.ts in SQL; a test compares the two on every row. Written so that each begins with an index of its own. */
const STATUS: Record<LeadStatus, string> = {
  'being-erased': TOMB,
  suppressed: `l.state = 'objected' AND ${ALIVE}`,
  restricted: `l.restricted AND l.state <> 'objected' AND ${ALIVE}`,
  booked: `l.state = 'booked' AND NOT l.restricted AND ${ALIVE}`,
  interested: `l.state = 'interested' AND NOT l.restricted AND ${ALIVE}`,
  closed: `l.state = 'closed' AND NOT l.restricted AND ${ALIVE}`,
  'attempts-used': `l.state = 'exhausted' AND NOT l.restricted AND ${ALIVE}`,
  'handed-out': `l.claimed_by IS NOT NULL AND l.claimed_until >= $3 AND ${OPEN} AND ${ALIVE}`,
  // Two halves, each with the words of a partial index.
  callback: `((l.queue = 0 AND ${OPEN} AND NOT l.nix_blocked) OR (l.nix_blocked AND l.queue = 0 AND ${OPEN})) AND ${UNCLAIMED} AND ${ALIVE}`,
  'waiting-period': `(l.callable_at IS NULL OR l.callable_at > $2) AND ${WAITS} AND ${ALIVE}`,
  'not-informed': `${URGENT} AND ${DUE} AND ${ALIVE}`,
  new: `l.queue = 1 AND ${DUE} AND NOT ${URGENT} AND ${ALIVE}`,
  callable: `l.queue = 2 AND ${DUE} AND NOT ${URGENT} AND ${ALIVE}`,
};

const CALLABLE = `(${OPEN} AND NOT l.nix_blocked AND l.callable_at <= $2 AND ${UNCLAIMED} AND ${ALIVE})`;

const ORDER: Record<LeadSort, string> = {
  newest: 'l.id DESC',
  oldest: 'l.id',
  notice: 'l.obtained_at, l.id',
};

function where(f: LeadFilter, at: ListTimes): { sql: string; values: unknown[] } {
  const values: unknown[] = [f.engagementIds, at.now, at.realNow, at.warnFrom];
  const parts = [
    'l.engagement_id = ANY ($1)',
    '$2::timestamptz IS NOT NULL AND $3::timestamptz IS NOT NULL AND $4::timestamptz IS NOT NULL',
  ];
  const value = (v: unknown) => `$${values.push(v)}`;
  if (f.status) parts.push(STATUS[f.status]);
  if (f.callable !== undefined) parts.push(f.callable ? CALLABLE : `NOT coalesce(${CALLABLE}, false)`);
  if (f.bookerId) parts.push(`l.claimed_by = ${value(f.bookerId)}`);
  if (f.obtainedBefore) parts.push(`l.informed_at IS NULL AND l.obtained_at < ${value(f.obtainedBefore)}`);
  if (f.lawful) parts.push(`l.state <> 'objected' AND NOT l.restricted AND ${ALIVE}`);
  if (f.source !== undefined || f.ground !== undefined) {
    const of = [
      f.source === undefined ? '' : ` AND p.source = ${value(f.source)}`,
      f.ground === undefined ? '' : ` AND p.ground = ${value(f.ground)}`,
    ].join('');
    parts.push(`l.provenance_id IN (SELECT p.id FROM provenance p WHERE p.engagement_id = ANY ($1)${of})`);
  }
  return { sql: parts.join(' AND '), values };
}

/** One page, sorted by the server; the rest of each row is fetched for the page alone. */
export async function listLeads(
  tx: EntityManager,
  filter: LeadFilter,
  at: ListTimes,
  page: { sort: LeadSort; limit: number; after: After | null },
): Promise<LeadRow[]> {
  const { sql, parameters } = pageSql(filter, at, page);
  return rows<LeadRow>(tx, sql, parameters);
}

/** The page's statement; its plan is looked at in a test. */
export function pageSql(
  filter: LeadFilter,
  at: ListTimes,
  page: { sort: LeadSort; limit: number; after: After | null },
): { sql: string; parameters: unknown[] } {
  const { sql: conditions, values } = where(filter, at);
  const value = (v: unknown) => `$${values.push(v)}`;
  const after = page.after && goOn(page.sort, page.after, value);
  const sorted = page.sort === 'notice' ? ' AND l.informed_at IS NULL' : '';
  return {
    sql: `SELECT ${ROW} FROM (
       SELECT l.engagement_id, l.id FROM lead l WHERE ${conditions}${sorted}${after ? ` AND ${after}` : ''}
       ORDER BY ${ORDER[page.sort]} LIMIT ${value(page.limit)}) k
     JOIN ${FROM} ON l.engagement_id = k.engagement_id AND l.id = k.id ORDER BY ${ORDER[page.sort]}`,
    parameters: values,
  };
}

function goOn(sort: LeadSort, after: After, value: (v: unknown) => string): string {
  if (sort === 'newest') return `l.id < ${value(after.id)}::uuid`;
  if (sort === 'oldest') return `l.id > ${value(after.id)}::uuid`;
  return `(l.obtained_at, l.id) > (${value(after.at ?? null)}::timestamptz, ${value(after.id)}::uuid)`;
}

/** @returns how many fit, at most `most` */
export async function countLeads(tx: EntityManager, filter: LeadFilter, at: ListTimes, most: number): Promise<number> {
  const { sql, values } = where(filter, at);
  const found = await rows<{ n: number }>(
    tx,
    `SELECT count(*)::int AS n FROM (SELECT 1 FROM lead l WHERE ${sql} LIMIT $${values.push(most)}) c`,
    values,
  );
  return found[0]!.n;
}

/** Where an engagement's leads came from, in the order of the alphabet. */
export async function sourcesOf(tx: EntityManager, engagementIds: readonly string[], most: number): Promise<string[]> {
  const found = await rows<{ source: string }>(
    tx,
    'SELECT DISTINCT source FROM provenance WHERE engagement_id = ANY ($1) ORDER BY source LIMIT $2',
    [engagementIds, most],
  );
  return found.map((row) => row.source);
}
