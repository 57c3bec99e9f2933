import { SALESFORCE_ORG } from '../seed.js';
import { callAs } from './ending.js';
import { freeSlots, SOURCE, type BookedMeeting, type CalledLead, type ImportStatus, type Life } from './life.js';
import { fieldOf, type Mapping } from './people.js';

const ROWS = 40;
const MEETINGS = 10;
const WEEK = [1, 2, 3, 4, 5].map((day) => ({ day, from: '08:00', to: '17:00' }));

/** What the demo knows of the second client's side. */
export interface SecondClient {
  readonly hosts: readonly { readonly name: string; readonly email: string }[];
  /** Leads its Salesforce had before us, by the vendor's field names. */
  readonly clientOwned: readonly Record<string, string>[];
}

/** The second client: the file's first people, offered by it too, on Salesforce and a real CalDAV server. Erasing them for one client and
 * for the other are two orders, with a certificate each.
 * @returns its meetings */
export async function secondClient(life: Life, mapping: Mapping): Promise<BookedMeeting[]> {
  const { report, progress } = life;
  progress.phase('the second client: Salesforce and CalDAV');
  const owned = knownInSalesforce(life, mapping);
  if (owned.length) await life.sandbox.seedSalesforce(SALESFORCE_ORG, owned);
  report.clientOwned.seeded += owned.length;
  const { meetingTypeId, hosts } = await calendars(life);
  await takeIn(life, mapping);
  const called = await call(life);
  const booked = await book(life, meetingTypeId, called.slice(0, MEETINGS));
  report.secondClient.booked = booked.length;
  report.meetings.booked += booked.length;
  life.second = { hosts, clientOwned: owned };
  progress.end(`${report.secondClient.accepted} leads, ${booked.length} meetings`);
  return booked;
}

/** One of them is in the client's Salesforce already, with fields of the client's own. */
function knownInSalesforce({ file }: Life, mapping: Mapping): Record<string, string>[] {
  for (const row of file.rows.slice(0, ROWS)) {
    const email = fieldOf(file, row, mapping, 'email')?.toLowerCase();
    const [FirstName, ...rest] = fieldOf(file, row, mapping, 'name')?.split(' ') ?? [];
    const Company = fieldOf(file, row, mapping, 'company');
    if (email && /^[^\s@,;]+@[^\s@,;]+\.[a-z]+$/.test(email) && FirstName && rest.length && Company)
      return [{ FirstName, LastName: rest.join(' '), Email: email, Company }];
  }
  return [];
}

/** Two hosts on the CalDAV server, or the seeded one on the other stand-in. */
async function calendars(life: Life): Promise<{ meetingTypeId: string; hosts: { name: string; email: string }[] }> {
  const { admin, calDav, ids } = life;
  const engagement = ids.engagements[1]!;
  if (!calDav) return { meetingTypeId: engagement.meetingTypeId, hosts: [] };
  const call = callAs(admin);
  const hosts = ['Värd Sex', 'Värd Sju'].map((name, i) => ({ name, email: `host${i + 2}@client-two.example` }));
  const hostIds: string[] = [];
  for (const [i, host] of hosts.entries()) {
    const hours = { timeZone: 'Europe/Helsinki', engagementIds: [engagement.id], weeklyHours: WEEK };
    const { id } = await call<{ id: string }>('POST', '/api/v1/hosts', { ...host, ...hours }, `demo-host-${i}`);
    const calendarUrl = await calDav.addCalendar(`calendar-${i + 1}`);
    const { url: serverUrl, username, password } = calDav;
    const connection = { hostId: id, kind: 'caldav', serverUrl, username, password, calendarUrl };
    await call('POST', '/api/v1/calendar-connections', connection, `demo-calendar-${i}`);
    hostIds.push(id);
  }
  const type = {
    ...{ engagementId: engagement.id, name: 'Möte 45 min', lengthMinutes: 45, stepMinutes: 15, hostIds },
    ...{ bufferBeforeMinutes: 5, bufferAfterMinutes: 10, noticeMinutes: 120, horizonDays: 60, location: 'Hos er' },
  };
  const made = await call<{ id: string }>('POST', '/api/v1/meeting-types', type, 'demo-meeting-type');
  return { meetingTypeId: made.id, hosts };
}

async function takeIn({ admin, file, ids, report }: Life, mapping: Mapping): Promise<void> {
  const quoted = (cells: readonly string[]) => cells.map((c) => `"${c.replaceAll('"', '""')}"`).join(';');
  const bytes = Buffer.from([file.header, ...file.rows.slice(0, ROWS)].map(quoted).join('\r\n'));
  const path = `/api/v1/engagements/${ids.engagements[1]!.id}/imports`;
  const { id } = await admin.need(admin.upload<{ id: string }>(path, bytes, 'text/csv'), 202);
  await admin.need(admin.post(`/api/v1/imports/${id}/confirm`, { mapping, ...SOURCE }), 202);
  for (;;) {
    const status = await admin.need(admin.get<ImportStatus>(`/api/v1/imports/${id}`), 200);
    if (status.state === 'failed') throw new Error('The second import failed');
    const { offered, accepted, merged, refused } = status;
    report.secondClient = { ...report.secondClient, offered, accepted, merged, refused };
    if (status.state === 'done') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function call({ bookers, ids }: Life): Promise<CalledLead[]> {
  const engagementId = ids.engagements[1]!.id;
  const called: CalledLead[] = [];
  await Promise.all(
    bookers.slice(0, 8).map(async (booker) => {
      for (;;) {
        const next = await booker.post<{ lead: CalledLead }>('/api/v1/calling/next', { engagementId });
        if (next.status === 204) return;
        const { lead } = await booker.need(Promise.resolve(next), 200);
        const outcome = called.length < MEETINGS ? 'interested' : 'not-interested';
        called.push({ id: lead.id });
        await booker.need(booker.post(`/api/v1/leads/${lead.id}/outcomes`, { outcome, informed: true }), 201);
      }
    }),
  );
  return called;
}

async function book(life: Life, meetingTypeId: string, leads: readonly CalledLead[]): Promise<BookedMeeting[]> {
  const booked: BookedMeeting[] = [];
  for (const [i, lead] of leads.entries()) {
    const booker = life.bookers[i % life.bookers.length]!;
    const slot = life.rng.pick((await freeSlots(life, booker, meetingTypeId)).slice(0, 20));
    const body = { meetingTypeId, leadId: lead.id, hostId: slot.hostId, startsAt: slot.startsAt };
    booked.push({ ...(await booker.need(booker.post<BookedMeeting>('/api/v1/bookings', body), 201)), leadId: lead.id });
  }
  return booked;
}
