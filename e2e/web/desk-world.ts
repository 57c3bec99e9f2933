import type { Api } from './api.js';
import type { Console } from './console.js';
import { person, type Person } from './people.js';

/** An engagement for calling alone: its leads are handed out, so no other suite may meet them. */
export interface DeskWorld {
  readonly engagementId: string;
  readonly meetingTypeId: string;
  readonly leads: readonly string[];
  /** Of the leads, by id. */
  readonly people: ReadonlyMap<string, Person>;
}

const ROUND_THE_CLOCK = {
  ...{ maxAttempts: 6, waitNoAnswerMinutes: 1440, waitBusyMinutes: 30, callbackGraceMinutes: 15 },
  hours: { from: '00:00', until: '24:00' },
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  ...{ onHolidays: true, onEves: true },
};
const WEEK = [1, 2, 3, 4, 5].map((day) => ({ day, from: '08:00', to: '17:00' }));

/** One that may take in leads, with supervisor and bookers as its members. @param bookers how many of the sandbox's bookers call in it */
export async function newEngagement(console: Console, o: { name: string; bookers: number }): Promise<string> {
  const admin = await console.as('admin');
  const staff = [await me(admin), await me(await console.as('supervisor'))];
  for (let n = 1; n <= o.bookers; n++) staff.push(await me(await console.as('booker', n)));
  const startsOn = Temporal.Now.plainDateISO('Europe/Stockholm').toString();
  const { id } = await admin.post<{ id: string }>('/api/v1/engagements', {
    clientId: console.seeded.clients[0]!.id,
    name: o.name,
    controller: { name: 'Exempelklienten Ett AB', organisationNumber: '556677-8899' },
    processor: { name: 'Sandbox Agency AB', organisationNumber: '556688-0000' },
    ...{ retentionMonths: 3, bindingMonths: 1, startsOn, timeZone: 'Europe/Stockholm' },
    ...{ eraseOnReply: false, crmErasure: 'delete-created' },
  });
  await admin.post(`/api/v1/engagements/${id}/assessments`, {
    ...{ purpose: 'Calls', necessity: 'Calls', balancing: 'Everyone is told and can object', madeOn: startsOn },
  });
  await admin.put(`/api/v1/engagements/${id}/members`, { userIds: staff });
  return id;
}

/** @param first number of the first person (people.ts) @param bookers how many of the sandbox's bookers call in it */
export async function deskWorld(
  console: Console,
  o: { name: string; first: number; leads: number; bookers: number },
): Promise<DeskWorld> {
  const admin = await console.as('admin');
  const id = await newEngagement(console, o);
  await admin.put(`/api/v1/engagements/${id}/calling-rules`, ROUND_THE_CLOCK);
  const host = await admin.post<{ id: string }>('/api/v1/hosts', {
    ...{ name: 'Maria Ek', email: `maria.${o.first}@client-one.example`, timeZone: 'Europe/Stockholm' },
    engagementIds: [id],
    weeklyHours: WEEK,
  });
  const type = await admin.post<{ id: string }>('/api/v1/meeting-types', {
    ...{ engagementId: id, name: 'Genomgång', lengthMinutes: 30, noticeMinutes: 120, stepMinutes: 30, horizonDays: 60 },
    hostIds: [host.id],
    location: 'Videomöte',
  });
  const leads: string[] = [];
  const people = new Map<string, Person>();
  for (let n = o.first; n < o.first + o.leads; n++) {
    // The first is abroad: two clocks, and both zones on each time.
    const who =
      n === o.first ? { ...person(0), phone: '+358401234567', email: `lead.${n}@bruksvik.example` } : person(n);
    const facts = { source: 'Bolagsregister', ground: 'legitimate-interest' };
    const lead = await admin.post<{ id: string }>(`/api/v1/engagements/${id}/leads`, { ...who, ...facts });
    leads.push(lead.id);
    people.set(lead.id, who);
  }
  return { engagementId: id, meetingTypeId: type.id, leads, people };
}

const me = async (api: Api): Promise<string> => (await api.get<{ id: string }>('/api/v1/me')).id;
