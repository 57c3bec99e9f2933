import pg from 'pg';
import { HUBSPOT_PORTAL, SALESFORCE_ORG } from '../seed.js';
import type { Life, BookedMeeting, CalledLead } from './life.js';

/** Counts what the stand-ins hold, just before the engagement ends: what the outside world saw is what happened. */
export async function countOutside(life: Life, databaseUrl: string): Promise<void> {
  const { report, sandbox } = life;
  const google = await sandbox.google();
  const inCalDav = (await life.calDav?.events()) ?? [];
  const live = [...google.events.filter((e) => e.status !== 'cancelled'), ...inCalDav];
  report.calendar = { events: live.length, caldav: life.calDav ? inCalDav.length : null };
  const calendars = Object.values(Object.groupBy(live, (e) => e.calendarId));
  report.meetings.doubleBooked = calendars.reduce((sum, events) => sum + overlaps(events ?? []), 0);

  const invites = await sandbox.invites();
  report.invites = {
    sent: await sentInvites(databaseUrl),
    received: invites.received,
    duplicates: invites.duplicates,
    resent: invites.resent,
  };

  const hubspot = await sandbox.hubspot(HUBSPOT_PORTAL);
  report.crm.hubspot = {
    contacts: hubspot.contacts.filter((c) => !c.archived && c.properties.avtala_lead_key).length,
    meetings: hubspot.meetings.filter((m) => !m.archived).length,
  };
  if (hubspot.contractViolations)
    throw new Error(`${hubspot.contractViolations} requests broke HubSpot's own specification`);
  await countSalesforce(life);
}

/** The second client's CRM. */
async function countSalesforce({ report, sandbox }: Life): Promise<void> {
  const state = await sandbox.salesforce(SALESFORCE_ORG);
  report.crm.salesforce = {
    leads: state.leads.filter((l) => !l.deleted && l.fields.Avtala_Lead_Key__c).length,
    events: state.events.filter((e) => !e.deleted && e.fields.Avtala_Booking_Key__c).length,
  };
  const broken = state.contractViolations + state.over200 + state.limitViolations;
  if (broken) throw new Error(`${broken} requests broke Salesforce's rules`);
}

/** What our side says it handed to the mail server. */
async function sentInvites(databaseUrl: string): Promise<number> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const { rows } = await db.query<{ n: string }>("select count(*) n from scheduling.invite where state = 'sent'");
    return Number(rows[0]!.n);
  } finally {
    await db.end();
  }
}

function overlaps(events: readonly { start: { dateTime: string }; end: { dateTime: string } }[]): number {
  const spans = events
    .map((e) => ({ from: Date.parse(e.start.dateTime), to: Date.parse(e.end.dateTime) }))
    .sort((a, b) => a.from - b.from);
  let count = 0;
  let end = -Infinity;
  for (const s of spans) {
    if (s.from < end) count++;
    end = Math.max(end, s.to);
  }
  return count;
}

/** Reads back everything the client was told is done. */
export async function countLost(
  life: Life,
  called: readonly CalledLead[],
  booked: readonly BookedMeeting[],
  importId: string,
): Promise<void> {
  const { admin, report, progress } = life;
  progress.phase('reading back what was acknowledged');
  const booker = life.bookers[0]!;
  const imported = await admin.get<{ state: string; accepted: number }>(`/api/v1/imports/${importId}`);
  if (imported.body.state !== 'done' || imported.body.accepted !== report.leads.accepted) report.requests.lost++;
  for (const lead of called) {
    const answer = await booker.get<{ id: string; state?: string; informedAt?: string | null }>(
      `/api/v1/leads/${lead.id}`,
    );
    if (answer.status !== 200 || !answer.body.informedAt) report.requests.lost++;
  }
  for (const b of booked) {
    const answer = await booker.get<{ id: string; startsAt: string }>(`/api/v1/bookings/${b.id}`);
    const same = answer.status === 200 && Date.parse(answer.body.startsAt) === Date.parse(b.startsAt);
    if (!same) report.requests.lost++;
  }
  progress.end(report.requests.lost ? `${report.requests.lost} LOST` : 'all there');
}

/** What the client owned before us must be as it was: its values kept, ours withdrawn. */
export async function countClientOwned(life: Life, owned: readonly Record<string, string>[]): Promise<void> {
  const { report, sandbox } = life;
  const { contacts } = await sandbox.hubspot(HUBSPOT_PORTAL);
  for (const before of owned) {
    const now = contacts.find((c) => !c.archived && c.properties.email === before.email);
    if (!now) continue;
    if (Object.entries(before).every(([k, v]) => now.properties[k] === v)) report.clientOwned.kept++;
    report.clientOwned.ourFieldsLeft += Object.entries(now.properties).filter(
      ([k, v]) => v && !(k in before) && !/^(hs_|createdate|lastmodifieddate|notes_|num_)/.test(k),
    ).length;
  }
  const { leads } = await sandbox.salesforce(SALESFORCE_ORG);
  for (const before of life.second?.clientOwned ?? []) {
    const now = leads.find((l) => !l.deleted && l.fields.Email === before.Email);
    if (!now) continue;
    if (Object.entries(before).every(([k, v]) => now.fields[k] === v)) report.clientOwned.kept++;
    report.clientOwned.ourFieldsLeft += ['Title', 'Phone', 'MobilePhone', 'Description', 'Avtala_Lead_Key__c'].filter(
      (k) => now.fields[k] && !(k in before),
    ).length;
  }
}
