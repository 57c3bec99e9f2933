import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Role = 'admin' | 'supervisor' | 'booker' | 'dpo' | 'client';

/** A sign-in of the sandbox: printed at start, refused outside it. */
export interface SandboxStaff {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  /** Base32, for any authenticator app. */
  readonly totpSecret: string;
}

/** What the seed made, by id. */
export interface Seeded {
  readonly clients: readonly { readonly id: string; readonly name: string }[];
  readonly engagements: readonly SeededEngagement[];
}

export interface SeededEngagement {
  readonly id: string;
  readonly clientId: string;
  readonly meetingTypeId: string;
  readonly hosts: readonly {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly calendarId: string;
  }[];
}

/** The one call the seed needs of a client: demo and start bring their own. */
export type Call = <T>(method: 'POST' | 'PUT' | 'GET', path: string, body: unknown, key: string) => Promise<T>;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base32 = (bytes: Uint8Array): string => Array.from(bytes, (b) => BASE32[b & 31]).join('');

/** Reads the sandbox's sign-ins, or makes them: random for each installation, kept in a 0600 file. */
export async function sandboxSignIns(dataDir: string, bookers: number): Promise<SandboxStaff[]> {
  const file = join(dataDir, 'sandbox-staff.json');
  const known = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as SandboxStaff[];
  const wanted: { name: string; email: string; role: Role }[] = [
    { name: 'Sandbox Admin', email: 'admin@agency.example', role: 'admin' },
    { name: 'Sandbox Supervisor', email: 'supervisor@agency.example', role: 'supervisor' },
    { name: 'Sandbox DPO', email: 'dpo@agency.example', role: 'dpo' },
    { name: 'Sandbox Client', email: 'client@client-one.example', role: 'client' },
    ...Array.from({ length: bookers }, (_, i) => ({
      name: `Sandbox Booker ${i + 1}`,
      email: `booker${i + 1}@agency.example`,
      role: 'booker' as const,
    })),
  ];
  const staff = wanted.map(
    (w) =>
      known.find((k) => k.email === w.email) ?? {
        ...w,
        password: randomBytes(12).toString('base64url'),
        totpSecret: base32(randomBytes(32)),
      },
  );
  await writeFile(`${file}.new`, JSON.stringify(staff, null, 1), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return staff;
}

const WEEK = [1, 2, 3, 4, 5].map((day) => ({ day, from: '08:00', to: '17:00' }));

/** The sandbox's HubSpot account of the first client, and the Salesforce org of the second. */
export const HUBSPOT_PORTAL = '1001';
export const SALESFORCE_ORG = 'client-two';

export const CLIENTS = [
  {
    name: 'Exempelklienten Ett AB',
    organisationNumber: '556677-8899',
    hosts: ['Värd Ett', 'Värd Två', 'Värd Tre', 'Värd Fyra'].map((name, i) => ({
      name,
      email: `host${i + 1}@client-one.example`,
    })),
    crm: { kind: 'hubspot', region: 'eu1', refreshToken: `sandbox-refresh-${HUBSPOT_PORTAL}` },
  },
  {
    name: 'Exempelklienten Två AB',
    organisationNumber: '556600-0104',
    hosts: [{ name: 'Värd Fem', email: 'host1@client-two.example' }],
    crm: { kind: 'salesforce', region: 'eu', username: `integration@${SALESFORCE_ORG}.example` },
  },
];

const ROUND_THE_CLOCK = {
  maxAttempts: 6,
  waitNoAnswerMinutes: 24 * 60,
  waitBusyMinutes: 30,
  callbackGraceMinutes: 15,
  hours: { from: '00:00', until: '24:00' },
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  onHolidays: true,
  onEves: true,
};

/** An engagement that may take in leads and has its people: terms, assessment (B3), members, calling rules.
 * @param o.key prefix of the requests' fixed keys, so that a seed that was interrupted goes on where it was
 * @returns its id */
export async function seedEngagement(
  call: Call,
  o: {
    readonly key: string;
    readonly clientId: string;
    readonly name: string;
    readonly controller: { readonly name: string; readonly organisationNumber: string };
    readonly staff: readonly string[];
    readonly startsOn: string;
  },
): Promise<string> {
  const { id } = await call<{ id: string }>(
    'POST',
    '/api/v1/engagements',
    {
      clientId: o.clientId,
      name: o.name,
      controller: o.controller,
      processor: { name: 'Sandbox Agency AB', organisationNumber: '556688-0000' },
      retentionMonths: 3,
      bindingMonths: 1,
      startsOn: o.startsOn,
      timeZone: 'Europe/Stockholm',
      eraseOnReply: false,
      crmErasure: 'delete-created',
    },
    `${o.key}-engagement`,
  );
  await call(
    'POST',
    `/api/v1/engagements/${id}/assessments`,
    {
      purpose: 'Offering the client’s services to companies by phone',
      necessity: 'People in the role concerned can be reached in no less intrusive way',
      balancing: 'Work contact data only; everyone is told at first contact and can object at once',
      madeOn: o.startsOn,
    },
    `${o.key}-assessment`,
  );
  await call('PUT', `/api/v1/engagements/${id}/members`, { userIds: o.staff }, `${o.key}-members`);
  // The sandbox is tried out at any hour of any day; the default is office hours on Swedish working days (B10).
  await call('PUT', `/api/v1/engagements/${id}/calling-rules`, ROUND_THE_CLOCK, `${o.key}-calling-rules`);
  return id;
}

/** Makes two clients, each with an engagement, hosts with calendars, a meeting type and a CRM, through the public API.
 * Every request carries a fixed key, so that a seed that was interrupted goes on where it was.
 * @param staff user ids of the people who may act in both engagements
 * @param ofFirstClient user ids of the first client's own people, who see its engagement only
 * @param now business time, ISO; the engagements start on that day
 * @param startsOn calendar date on which the contracts take effect */
export async function seed(
  call: Call,
  staff: readonly string[],
  startsOn: string,
  ofFirstClient: readonly string[] = [],
): Promise<Seeded> {
  const clients: { id: string; name: string }[] = [];
  const engagements: SeededEngagement[] = [];
  for (const [i, c] of CLIENTS.entries()) {
    const k = `seed-${i + 1}`;
    const client = await call<{ id: string }>(
      'POST',
      '/api/v1/clients',
      { name: c.name, organisationNumber: c.organisationNumber },
      `${k}-client`,
    );
    clients.push({ id: client.id, name: c.name });
    const id = await seedEngagement(call, {
      key: k,
      clientId: client.id,
      name: `Mötesbokning ${i + 1}`,
      controller: { name: c.name, organisationNumber: c.organisationNumber },
      staff: i === 0 ? [...staff, ...ofFirstClient] : staff,
      startsOn,
    });
    const hosts = [];
    for (const [n, h] of c.hosts.entries()) {
      const host = await call<{ id: string }>(
        'POST',
        '/api/v1/hosts',
        { ...h, timeZone: 'Europe/Stockholm', engagementIds: [id], weeklyHours: WEEK },
        `${k}-host-${n}`,
      );
      const calendarId = h.email;
      await call(
        'POST',
        '/api/v1/calendar-connections',
        { hostId: host.id, kind: 'google', calendarId, refreshToken: `sandbox-google-${i + 1}-${n + 1}` },
        `${k}-calendar-${n}`,
      );
      hosts.push({ ...h, id: host.id, calendarId });
    }
    const meetingType = await call<{ id: string }>(
      'POST',
      '/api/v1/meeting-types',
      {
        engagementId: id,
        name: 'Möte 30 min',
        lengthMinutes: 30,
        bufferBeforeMinutes: 0,
        bufferAfterMinutes: 10,
        noticeMinutes: 120,
        horizonDays: 60,
        stepMinutes: 30,
        hostIds: hosts.map((h) => h.id),
        location: 'Videomöte',
      },
      `${k}-meeting-type`,
    );
    await call('POST', '/api/v1/crm-connections', { engagementId: id, ...c.crm }, `${k}-crm`);
    engagements.push({ id, clientId: client.id, meetingTypeId: meetingType.id, hosts });
  }
  return { clients, engagements };
}
