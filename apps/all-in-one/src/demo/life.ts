import { signIn } from '@avtala/access';
import { HUBSPOT_PORTAL, type SandboxStaff, type Seeded as SeededIds } from '../seed.js';
import type { CalDav } from './cal-dav.js';
import type { Client } from './client.js';
import type { Killer } from './killer.js';
import { knownBefore, type LeadFile, type Mapping } from './people.js';
import type { Progress } from './progress.js';
import type { Report } from './report.js';
import type { SandboxControl } from './sandbox-control.js';
import type { SecondClient } from './second-client.js';
import type { Seeded } from './seeded.js';

/** What one run shares between its phases. */
export interface Life {
  readonly baseUrl: string;
  readonly anyone: Client;
  readonly admin: Client;
  readonly bookers: readonly Client[];
  readonly ids: SeededIds;
  readonly file: LeadFile;
  readonly sandbox: SandboxControl;
  readonly killer: Killer;
  /** Requests of ours that have no answer yet. */
  readonly inFlight: () => number;
  /** Pieces of due work that somebody is at right now: calls to calendars, mail servers, CRMs. */
  readonly atWork: () => Promise<number>;
  /** The second client's calendar server, where one can run. */
  readonly calDav?: CalDav | undefined;
  /** Set once the second client's leads are there. */
  second?: SecondClient;
  readonly rng: Seeded;
  readonly report: Report;
  readonly progress: Progress;
}

export interface CalledLead {
  readonly id: string;
  readonly email?: string;
}
export interface BookedMeeting {
  readonly id: string;
  readonly leadId: string;
  readonly hostId: string;
  startsAt: string;
  endsAt: string;
}

export const SOURCE = { source: 'Exempelregistret, demo file', ground: 'legitimate-interest' } as const;

/** Signs everybody in; the second factor's codes are made from the printed secrets. */
export async function signInAll(
  baseUrl: string,
  anyone: Client,
  staff: readonly SandboxStaff[],
): Promise<{ admin: Client; bookers: Client[] }> {
  const session = async (s: SandboxStaff): Promise<Client> => anyone.as((await signIn({ baseUrl, ...s })).cookie);
  const admin = await session(staff.find((s) => s.role === 'admin')!);
  const bookers: Client[] = [];
  for (const s of staff.filter((x) => x.role === 'booker')) bookers.push(await session(s));
  return { admin, bookers };
}

export interface ImportStatus {
  state: 'waiting' | 'running' | 'done' | 'failed';
  offered: number;
  accepted: number;
  merged: number;
  refused: number;
}

/** Upload, confirm the guessed mapping, wait: the file is taken in lawfully or refused row by row.
 * @returns the mapping, and what of the client's own was put into its CRM beforehand */
export async function importFile(
  life: Life,
): Promise<{ mapping: Mapping; clientOwned: Record<string, string>[]; importId: string }> {
  const { admin, report, progress } = life;
  const engagementId = life.ids.engagements[0]!.id;
  progress.phase('importing the file');
  const path = `/api/v1/engagements/${engagementId}/imports`;
  const upload = await admin.need(
    admin.upload<{ id: string; mapping: Mapping }>(path, life.file.bytes, 'text/csv'),
    202,
  );
  progress.note(
    `columns: ${Object.entries(upload.mapping)
      .map(([c, f]) => `${c} → ${f ?? 'left out'}`)
      .join(', ')}`,
  );

  const clientOwned = knownBefore(life.file, upload.mapping, life.rng);
  await life.sandbox.seedHubspot(HUBSPOT_PORTAL, clientOwned);
  report.clientOwned.seeded = clientOwned.length;

  const status = async () => admin.need(admin.get<ImportStatus>(`/api/v1/imports/${upload.id}`), 200);
  let last: ImportStatus | undefined;
  await life.killer.during(
    'import',
    async () => {
      await admin.need(admin.post(`/api/v1/imports/${upload.id}/confirm`, { mapping: upload.mapping, ...SOURCE }), 202);
      do {
        last = await status();
        progress.update(`${last.accepted + last.merged + last.refused} of ${life.file.rows.length} rows`);
        if (last.state === 'failed') throw new Error('The import failed');
      } while (last.state !== 'done');
    },
    life.inFlight,
    40,
  );
  const { offered, accepted, merged, refused } = last!;
  report.leads = { offered: life.file.rows.length, accepted, merged, refused };
  if (offered !== life.file.rows.length)
    throw new Error(`The file has ${life.file.rows.length} rows, the import counted ${offered}`);
  progress.end(`${offered} offered, ${accepted} accepted, ${merged} merged, ${refused} refused`);
  return { mapping: upload.mapping, clientOwned: clientOwned.map((c) => c.properties), importId: upload.id };
}

/** All bookers call at once until nobody is left: each lead goes to one booker only, and is told where the data came from (B8). */
export async function callEveryone(life: Life): Promise<CalledLead[]> {
  const { progress, report, bookers } = life;
  const engagementId = life.ids.engagements[0]!.id;
  const wanted = Math.min(60, Math.max(20, Math.ceil(report.leads.accepted / 2)));
  progress.phase('calling every lead');
  const called = new Map<string, CalledLead>();
  let interested = 0;
  await Promise.all(
    bookers.map(async (booker) => {
      for (;;) {
        const next = await booker.post<{ lead: CalledLead }>('/api/v1/calling/next', { engagementId });
        if (next.status === 204) return;
        if (next.status !== 200) throw new Error(`calling/next answered ${next.status} ${JSON.stringify(next.body)}`);
        const lead = next.body.lead;
        if (called.has(lead.id)) throw new Error('A lead was given to two bookers');
        called.set(lead.id, { id: lead.id, ...(lead.email ? { email: lead.email } : {}) });
        const outcome = interested < wanted ? 'interested' : 'not-interested';
        interested++;
        await booker.need(booker.post(`/api/v1/leads/${lead.id}/outcomes`, { outcome, informed: true }), 201);
        progress.update(`${called.size} of ${report.leads.accepted}`);
      }
    }),
  );
  progress.end(`${called.size} told and called`);
  if (called.size !== report.leads.accepted)
    throw new Error(`${report.leads.accepted} leads were accepted, ${called.size} called`);
  return [...called.values()].slice(0, wanted);
}

export interface Slot {
  hostId: string;
  startsAt: string;
  endsAt: string;
}

export async function freeSlots(
  life: Life,
  booker: Client,
  meetingTypeId = life.ids.engagements[0]!.meetingTypeId,
): Promise<Slot[]> {
  const from = (await life.sandbox.now()).add({ hours: 3 });
  const to = from.add({ hours: 24 * 21 });
  const query = new URLSearchParams({
    from: from.toString({ smallestUnit: 'second' }),
    to: to.toString({ smallestUnit: 'second' }),
    timeZone: 'Europe/Stockholm',
  });
  const answer = await booker.need(
    booker.get<{ slots: Slot[] }>(`/api/v1/meeting-types/${meetingTypeId}/slots?${query}`),
    200,
  );
  return answer.slots;
}

/** Fifty bookers at once, each wanting one of the next few free slots. */
export async function bookMeetings(life: Life, leads: readonly CalledLead[]): Promise<BookedMeeting[]> {
  const { progress, report, bookers, rng } = life;
  const { meetingTypeId } = life.ids.engagements[0]!;
  progress.phase('booking, fifty at once');
  const queue = [...leads];
  const booked: BookedMeeting[] = [];
  await life.killer.during(
    'booking',
    () =>
      Promise.all(
        bookers.map(async (booker) => {
          for (let lead = queue.shift(); lead; lead = queue.shift()) {
            for (;;) {
              const slots = (await freeSlots(life, booker)).slice(0, 12);
              if (slots.length === 0) throw new Error('No free slot is left');
              const slot = rng.pick(slots);
              const answer = await booker.post<BookedMeeting & { code?: string }>('/api/v1/bookings', {
                meetingTypeId,
                leadId: lead.id,
                hostId: slot.hostId,
                startsAt: slot.startsAt,
              });
              if (answer.status === 201) {
                booked.push({ ...answer.body, leadId: lead.id });
                break;
              }
              if (answer.status !== 409 || answer.body.code !== 'slot-taken')
                throw new Error(`A booking answered ${answer.status} ${JSON.stringify(answer.body)}`);
              report.meetings.refusedAsTaken++;
            }
            progress.update(`${booked.length} of ${leads.length}`);
          }
        }),
      ),
    life.inFlight,
    400,
  );
  report.meetings.booked = booked.length;
  progress.end(`${booked.length} booked, ${report.meetings.refusedAsTaken} refused because somebody was faster`);
  return booked;
}

/** Past the ten seconds of undo, and until nobody has anything left to send. */
export async function settle(life: Life): Promise<void> {
  await life.sandbox.advanceTo((await life.sandbox.now()).add({ minutes: 2 }));
}

/** Invites go out, the CRM is told; then a move, a cancellation, a no-show and a meeting that took place. */
export async function liveWithThem(life: Life, booked: BookedMeeting[]): Promise<void> {
  const { progress, bookers, killer } = life;
  const booker = bookers[0]!;
  progress.phase('invites and CRM');
  await killer.during('push-or-invite', () => settle(life), life.atWork, 600);
  progress.end();

  progress.phase('a move, a cancellation, a no-show');
  const byStart = [...booked].sort((a, b) => a.startsAt.localeCompare(b.startsAt));
  const [first, second] = byStart;
  const [moved, cancelled] = byStart.slice(-2);
  const slots = await freeSlots(life, booker);
  const slot = slots.filter((s) => s.hostId === moved!.hostId).at(-1);
  if (!slot) throw new Error('No slot to move to');
  const answer = await booker.need(
    booker.post<{ startsAt: string; endsAt: string }>(`/api/v1/bookings/${moved!.id}/move`, {
      startsAt: slot.startsAt,
    }),
    200,
    201,
  );
  moved!.startsAt = answer.startsAt;
  moved!.endsAt = answer.endsAt;
  await booker.need(booker.post(`/api/v1/bookings/${cancelled!.id}/cancel`, {}), 200, 201);
  await settle(life);
  await life.sandbox.advanceTo(Temporal.Instant.from(second!.endsAt).add({ minutes: 5 }));
  await booker.need(booker.post(`/api/v1/bookings/${first!.id}/missed`, {}), 200, 201);
  await booker.need(booker.post(`/api/v1/bookings/${second!.id}/held`, {}), 200, 201);
  await settle(life);
  progress.end();
}
