import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from './api.js';
import type { Console, SeededEngagement } from './console.js';
import { person } from './people.js';

export interface Slot {
  readonly hostId: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Meeting extends Slot {
  readonly id: string;
  readonly leadId: string;
}

/** What is there before the first screen is looked at, by id. */
export interface World {
  readonly engagements: readonly SeededEngagement[];
  /** Of the first engagement, in the order in which they were taken in: person(0), person(1), … */
  readonly leads: readonly string[];
  /** Of the second. */
  readonly otherLeads: readonly string[];
  readonly meetings: readonly Meeting[];
}

const LEADS = 48;
const OTHER_LEADS = 12;
/** What the booker's morning brought; the last four told them yes. */
const OUTCOMES = [
  ...['no-answer', 'busy', 'not-interested', 'not-a-fit', 'wrong-number', 'objected', 'no-answer', 'not-connected'],
  ...['interested', 'interested', 'interested', 'interested'],
] as const;

/** Two engagements with leads in every state, calls with every outcome, meetings that were booked, moved and called off, invites and
 * CRM pushes on their way: made once a run, through the API, as people would make it. */
export async function theWorld(console: Console): Promise<World> {
  const file = join(console.dir, 'world.json');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known) return JSON.parse(known) as World;
  const world = await make(console);
  await writeFile(file, JSON.stringify(world));
  return world;
}

async function make(console: Console): Promise<World> {
  const [first, second] = console.seeded.engagements as readonly [SeededEngagement, SeededEngagement];
  const [admin, booker] = [await console.as('admin'), await console.as('booker')];
  const leads = await takeIn(admin, first.id, 0, LEADS);
  const otherLeads = await takeIn(admin, second.id, LEADS, OTHER_LEADS);
  const yes = await call(booker, first.id);
  const meetings: Meeting[] = [];
  for (const leadId of yes) meetings.push(await book(booker, first, leadId));
  await wait(admin, { minutes: 2 }); // past the ten seconds of undo: invites and pushes go out
  const [moved, cancelled] = [meetings[0]!, meetings[1]!];
  const later = (await freeSlots(booker, first.meetingTypeId)).filter((s) => s.hostId === moved.hostId).at(-1)!;
  await booker.post(`/api/v1/bookings/${moved.id}/move`, { startsAt: later.startsAt });
  await booker.post(`/api/v1/bookings/${cancelled.id}/cancel`, {});
  await wait(admin, { minutes: 2 });
  return { engagements: console.seeded.engagements, leads, otherLeads, meetings };
}

/** @param from number of the first person (people.ts) */
export async function takeIn(admin: Api, engagementId: string, from: number, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = from; n < from + count; n++) {
    const { id } = await admin.post<{ id: string }>(`/api/v1/engagements/${engagementId}/leads`, {
      ...person(n),
      source: 'Bolagsregister',
      ground: 'legitimate-interest',
    });
    ids.push(id);
  }
  return ids;
}

/** @returns leads that want a meeting */
async function call(booker: Api, engagementId: string): Promise<string[]> {
  const yes: string[] = [];
  for (const outcome of OUTCOMES) {
    const { lead } = await booker.post<{ lead: { id: string } }>('/api/v1/calling/next', { engagementId });
    await booker.post(`/api/v1/leads/${lead.id}/outcomes`, { outcome, informed: outcome !== 'not-connected' });
    if (outcome === 'interested') yes.push(lead.id);
  }
  return yes;
}

async function book(booker: Api, engagement: SeededEngagement, leadId: string): Promise<Meeting> {
  const slots = await freeSlots(booker, engagement.meetingTypeId);
  const slot = slots[Math.floor(slots.length / 3)]!;
  const { hostId, startsAt } = slot;
  const made = await booker.post<Meeting>('/api/v1/bookings', {
    meetingTypeId: engagement.meetingTypeId,
    leadId,
    hostId,
    startsAt,
  });
  return { ...made, leadId };
}

/** Free times of the next three weeks; business time is at most minutes ahead of the real one here. */
export async function freeSlots(asker: Api, meetingTypeId: string): Promise<readonly Slot[]> {
  const from = Temporal.Now.instant().add({ hours: 3 });
  const query = new URLSearchParams({
    from: from.toString({ smallestUnit: 'second' }),
    to: from.add({ hours: 24 * 21 }).toString({ smallestUnit: 'second' }),
    timeZone: 'Europe/Stockholm',
  });
  return (await asker.get<{ slots: Slot[] }>(`/api/v1/meeting-types/${meetingTypeId}/slots?${query}`)).slots;
}

export const businessTime = async (admin: Api): Promise<Temporal.Instant> =>
  Temporal.Instant.from((await admin.get<{ now: string }>('/api/v1/test/clock')).now);

/** Moves business time, through everything that is due until then. */
export async function wait(admin: Api, how: Temporal.DurationLike): Promise<void> {
  const now = (await businessTime(admin)).add(how).toString();
  await admin.put('/api/v1/test/clock', { now });
}
