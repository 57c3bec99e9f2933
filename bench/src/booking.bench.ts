import {
  affected,
  createDatabase,
  migrate,
  openDb,
  provision,
  rows,
  scopeOf,
  sqlState,
  type Db,
} from '@avtala/database';
import { insertBooking, scheduling, type Booking } from '@avtala/scheduling';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { paired, type Bench, type BenchResult } from './harness.js';

const CLIENTS = 64;
/** Tries in a round, of each side. */
const TRIES = 4_000;
const HOSTS = 40;
const DAY = Date.parse('2027-03-01T08:00Z') / 60_000;
/** Starts a host has on the contended day: every 15 minutes for 20 hours, for meetings of 30 with 10 after: about 1,200 fit, of 4,000 tried. */
const STARTS = 80;
const RACES = 1_000;
const IN_A_RACE = 8;
const ENGAGEMENT = randomUUID();
const LEAD = randomUUID();
const TYPE = randomUUID();

/** What a competent engineer without the constraint would write: look, and insert when nothing overlaps. Same columns, same index, same transaction. */
const NAIVE_LOOK = 'select 1 from naive_slot where host_id = $1 and blocked && $2::tstzrange limit 1';
const NAIVE_SLOT = 'insert into naive_slot (booking_id, host_id, blocked) values ($1, $2, $3)';
const NAIVE_BOOKING = `insert into booking (engagement_id, id, lead_id, host_id, meeting_type_id, starts_at, ends_at, time_zone, sequence, decided_at)
  values ($1, $2, $3, $4, $5, $6, $7, 'Europe/Stockholm', 0, $8)`;

/**
 * 64 clients book 40 hosts at random starts of one day until 4,000 tries are answered. Ours is the statement the service books with, in a transaction of
 * its scope, on the service's tables, roles and row-level security; not over HTTP, whose cost would be the same on both sides and hide the difference.
 */
export default {
  name: 'booking',
  async run({ cluster, log }) {
    const { url } = await cluster();
    const rig = await open(url);
    const errors: string[] = [];
    let naiveOverlaps = 0;
    let overlaps = 0;
    let won = 0;
    const { ours, reference, ratio, rounds } = await paired({
      ours: async () => {
        await rig.clear();
        const figure = await rate(() =>
          bookOnce(rig.db, anyHost(), anyStart(), errors).then((w) => void (won += Number(w))),
        );
        overlaps += await rig.overlaps('host_slot');
        return figure;
      },
      reference: async () => {
        await rig.clear();
        const figure = await rate(() => bookNaively(rig.db, anyHost(), anyStart()).then(() => undefined));
        naiveOverlaps += await rig.overlaps('naive_slot');
        return figure;
      },
    });
    log(`booking: ${Math.round(ours)} tries/s, naive ${Math.round(reference)} (${naiveOverlaps} double bookings)`);

    await rig.clear();
    let fair = 0;
    for (let race = 0; race < RACES; race++) {
      const host = randomUUID();
      const tries = await Promise.all(Array.from({ length: IN_A_RACE }, () => bookOnce(rig.db, host, DAY, errors)));
      if (tries.filter(Boolean).length === 1) fair++;
    }
    log(`booking: one winner in ${fair} of ${RACES} races; ${errors.length} errors`);
    await rig.stop();
    const deadlocks = errors.filter((e) => e === '40P01').length;
    const result: BenchResult = {
      ...{ name: 'booking', ours, reference, unit: 'tries/s', ratio },
      target: '≥ 0.75, 0 overlaps, 0 deadlocks, 0 errors, one winner in each of 1000 races',
      holds: ratio >= 0.75 && overlaps === 0 && errors.length === 0 && fair === RACES,
      detail: {
        ...{ clients: CLIENTS, overHttp: false, rounds, won, overlaps, deadlocks, errors: errors.length },
        ...{ races: RACES, inARace: IN_A_RACE, oneWinner: fair, naiveOverlaps },
      },
    };
    return [result];
  },
} satisfies Bench;

const anyHost = () => hosts[Math.floor(Math.random() * HOSTS)]!;
const anyStart = () => DAY + Math.floor(Math.random() * STARTS) * 15;
const hosts = Array.from({ length: HOSTS }, () => randomUUID());
const instant = (minute: number) => Temporal.Instant.fromEpochMilliseconds(minute * 60_000);

/** Tries a second, 64 at a time. */
async function rate(once: () => Promise<void>): Promise<number> {
  let left = TRIES;
  const began = performance.now();
  const client = async () => {
    while (left-- > 0) await once();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return TRIES / ((performance.now() - began) / 1000);
}

/** @returns whether it won; what goes wrong is counted */
async function bookOnce(db: Db, hostId: string, start: number, errors: string[]): Promise<boolean> {
  const booking: Booking = {
    ...{ id: randomUUID(), engagementId: ENGAGEMENT, leadId: LEAD, hostId, meetingTypeId: TYPE },
    startsAt: instant(start),
    endsAt: instant(start + 30),
    ...{ timeZone: 'Europe/Stockholm', state: 'booked', sequence: 0, decidedAt: instant(DAY), bookedBy: null },
  };
  try {
    return await db.withScope(scopeOf(ENGAGEMENT), (tx) => insertBooking(tx, booking, { from: start, to: start + 40 }));
  } catch (error) {
    errors.push(sqlState(error) ?? String(error));
    return false;
  }
}

async function bookNaively(db: Db, hostId: string, start: number): Promise<boolean> {
  const id = randomUUID();
  const blocked = `[${instant(start).toString()},${instant(start + 40).toString()})`;
  const times = [instant(start), instant(start + 30), instant(DAY)].map(String);
  return db.withScope(scopeOf(ENGAGEMENT), async (tx) => {
    if ((await rows(tx, NAIVE_LOOK, [hostId, blocked])).length) return false;
    await affected(tx, NAIVE_SLOT, [id, hostId, blocked]);
    await affected(tx, NAIVE_BOOKING, [ENGAGEMENT, id, LEAD, hostId, TYPE, ...times]);
    return true;
  });
}

async function open(server: string) {
  const url = await createDatabase(server, 'booking');
  const urls = await provision(url, 'scheduling', randomUUID());
  await migrate(urls, 'scheduling', scheduling.migrations);
  const db = await openDb({ schema: 'scheduling', urls, pool: { app: CLIENTS } });
  const admin = new pg.Pool({ connectionString: url, max: 1 });
  await admin.query(`create table scheduling.naive_slot (booking_id uuid primary key, host_id uuid not null, blocked tstzrange not null);
    create index on scheduling.naive_slot using gist (host_id, blocked);
    grant select, insert on scheduling.naive_slot to scheduling_app`);
  const clear = async () => {
    await admin.query(
      'truncate scheduling.naive_slot, scheduling.host_slot, scheduling.booking, scheduling.lead_case cascade',
    );
    await admin.query(
      `insert into scheduling.lead_case (engagement_id, lead_id, time_zone, lead_version) values ($1, $2, 'Europe/Stockholm', 1)`,
      [ENGAGEMENT, LEAD],
    );
  };
  const overlaps = async (table: string): Promise<number> => {
    const found = await admin.query<{ n: number }>(
      `select count(*)::int as n from scheduling.${table} a join scheduling.${table} b
         on a.host_id = b.host_id and a.booking_id < b.booking_id and a.blocked && b.blocked`,
    );
    return found.rows[0]!.n;
  };
  const stop = async () => {
    await db.close();
    await admin.end();
  };
  return { db, clear, overlaps, stop };
}
