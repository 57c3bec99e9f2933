import type { Ask } from './ask.js';
import {
  apiKey,
  booking,
  bookingLink,
  bulk,
  caldav,
  confirmation,
  connection,
  consent,
  engagement,
  host,
  kept,
  leadsExport,
  meetingType,
  registration,
  webForm,
  type Json,
} from './requests.js';
import type { Route } from './routes.js';
import type { Who } from './system.js';
import { idsIn, unknownId, type Things } from './things.js';

/** Bodies that each route that takes one would accept, with every field it knows at least once. A route may not be missing here. */
const BODIES: Readonly<Record<string, (t: Things) => Json | readonly Json[]>> = {
  'POST /api/v1/clients': () => ({ name: 'Klient AB', organisationNumber: '556016-0680' }),
  'POST /api/v1/engagements': (t) => engagement(t),
  'POST /api/v1/engagements/:id/assessments': () => ({
    purpose: 'Offering services',
    necessity: 'No milder way',
    balancing: 'Work data only',
    madeOn: '2026-01-02',
  }),
  'PUT /api/v1/engagements/:id/members': () => ({ userIds: [] }),
  'POST /api/v1/engagements/:id/notice': () => ({ endsOn: '2027-12-31' }),
  'POST /api/v1/engagements/:id/api-keys': () => apiKey(),
  'POST /api/v1/engagements/:id/leads': () => [
    registration({ consentWording: consent(), obtainedAt: '2026-01-02T03:04:05Z' }),
    registration({ company: 'Bolaget AB', title: 'Chef', phone: '070-174 06 11', social: 'x', supplier: 'S AB', age: '40' }), // prettier-ignore
  ],
  'POST /api/v1/engagements/:id/forms': () => webForm(),
  'PUT /api/v1/engagements/:id/suppliers/:supplier/mapping': () => ({
    mapping: { Namn: 'name', 'E-post': 'email', Hobby: null },
  }),
  'POST /api/v1/imports/:id/confirm': () => confirmation(),
  'POST /api/v1/imports/:id/dry-run': () => confirmation({ supplier: 'Leverantören AB' }),
  'POST /api/v1/calling/reservation': (t) => ({ engagementId: t.engagement }),
  'POST /api/v1/suppressions/check': () => ({ email: 'person@bolag.example' }),
  'PUT /api/v1/imports/:id/draft': () => ({ source: 'Register' }),
  'PUT /api/v1/engagements/:id/script': () => ({ version: 0, steps: [{ title: 'Hej', text: 'Hej.', branches: [] }] }),
  'PUT /api/v1/calling/desk-state': (t) => ({ engagementId: t.engagement, state: 'left' }),
  'POST /api/v1/calling/next': (t) => ({ engagementId: t.engagement }),
  'POST /api/v1/calling/callbacks/:id/move': () => ({ toUserId: unknownId() }),
  'PUT /api/v1/engagements/:id/calling-rules': () => ({
    maxAttempts: 6,
    waitNoAnswerMinutes: 1440,
    waitBusyMinutes: 30,
    callbackGraceMinutes: 15,
    hours: { from: '00:00', until: '24:00' },
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    onHolidays: true,
    onEves: true,
    version: 1,
  }),
  'POST /api/v1/leads/search': (t) => [
    { name: 'Person', engagementId: t.engagement },
    { email: 'person@bolag.example' },
    { phone: '070-174 06 12' },
  ],
  'POST /api/v1/leads/:id/unmask': () => ({ reason: 'They rang the switchboard' }),
  'PUT /api/v1/leads/:id/number': () => ({ kind: 'company', nix: { registerOn: '2026-01-02', listed: false } }),
  'POST /api/v1/leads/bulk': (t) => [
    bulk(t),
    { engagementId: t.engagement, act: 'reopen', reason: 'Old list', ids: [t.lead] },
  ],
  'POST /api/v1/leads/exports': (t) => leadsExport(t),
  'POST /api/v1/suppressions': () => ({ email: 'nej@bolag.example', phone: '070-174 06 10' }),
  'PATCH /api/v1/leads/:id': () => ({
    ...{ name: 'Test', company: 'AB', title: 'Inköpschef', email: 'a@bolag.example', phone: '070-174 06 13' },
    ...{ social: 'x', restricted: false, version: 1 },
  }),
  'POST /api/v1/leads/:id/outcomes': () => [
    { outcome: 'no-answer', informed: false, note: 'Tries again' },
    { outcome: 'callback', informed: true, callbackAt: '2027-01-04T10:00:00Z', callback: 'personal' },
  ],
  'POST /api/v1/hosts': (t) => host(t),
  'POST /api/v1/calendar-connections': (t) => [
    { hostId: t.host, kind: 'google', calendarId: 'host@client.example', refreshToken: 'sandbox-google-9' },
    caldav(t, { kind: 'caldav', calendarUrl: 'https://127.0.0.1/dav/calendar/' }),
  ],
  'POST /api/v1/calendar-connections/discover': (t) => caldav(t),
  'POST /api/v1/meeting-types': (t) => meetingType(t, { maxPerDay: 3 }),
  'POST /api/v1/slots/keep': (t) => kept(t, { timeZone: 'Europe/Stockholm' }),
  'POST /api/v1/booking-links': (t) => bookingLink(t),
  'POST /api/v1/bookings': (t) => booking(t),
  'POST /api/v1/bookings/:id/move': (t) => ({ startsAt: t.freeAt, timeZone: 'Europe/Stockholm' }),
  'POST /api/v1/bookings/:id/reassign': (t) => ({ hostId: t.host }),
  'POST /api/v1/bookings/:id/cancel': () => ({ reason: 'ill' }),
  'POST /api/v1/crm-connections': (t) => [
    connection(t),
    {
      engagementId: t.engagement,
      kind: 'salesforce',
      username: 'nobody@client.example',
      loginHost: 'sandbox',
      safeguard: 'standard-contractual-clauses',
    },
  ],
  'POST /api/v1/crm-connections/:id/reconnect': () => ({
    refreshToken: 'sandbox-refresh-9',
    username: 'nobody@client.example',
    loginHost: 'sandbox',
  }),
  'PUT /api/v1/crm-connections/:id/mapping': () => ({
    fields: { name: 'firstname lastname', email: 'email', company: 'company', title: 'jobtitle', phone: 'phone', social: null }, // prettier-ignore
  }),
  'POST /api/v1/pushes/retry': (t) => ({
    cause: 'value-refused',
    connectionId: t.connection,
    engagementId: t.engagement,
  }),
  'POST /api/v1/pushes/:id/skip': () => ({ reason: 'not-needed' }),
  'POST /api/v1/privacy-requests': (t) => ({ leadId: t.lead, kind: 'erasure' }),
  'POST /api/v1/staff/:id/reset-factors': () => ({ identityCheck: 'in-person' }),
  'PATCH /api/v1/me/passkeys/:id': () => ({ name: 'Telefonen' }),
  'POST /api/v1/staff/invitations': () => ({ email: 'new@agency.example', role: 'booker' }),
  'POST /api/v1/staff/invitations/accept': () => ({ token: 'x.y', name: 'New', password: 'a long enough password' }),
  'PUT /api/v1/test/clock': () => ({ now: '2026-01-02T03:04:05Z' }),
  'POST /internal/contacts:read': (t) => ({ ids: [t.lead], purpose: 'booking' }),
};

const nameOf = (route: Route): string => `${route.method} ${route.path}`;
export const hasBody = (route: Route): boolean => nameOf(route) in BODIES;

/** Every body that is good for a route; none where it takes none. */
export function bodiesOf(route: Route, things: Things): readonly Json[] {
  const made = BODIES[nameOf(route)]?.(things) ?? [];
  return Array.isArray(made) ? (made as readonly Json[]) : [made as Json];
}

/** A request to a route that would be accepted, but for whoever sends it and the id it names. */
export function goodAsk(route: Route, things: Things, id: string): Ask {
  const query = /slots$/.test(route.path)
    ? `?from=${things.freeAt}&to=${Temporal.Instant.from(things.freeAt).add({ hours: 1 }).toString()}`
    : /\/(bookings|calendar-connections)$/.test(route.path)
      ? `?engagementId=${things.engagement}`
      : '';
  const path = `${idsIn(route.path, things, id)}${route.method === 'GET' ? query : ''}`;
  if (route.path.endsWith('/imports') && route.method === 'POST')
    return { method: 'POST', path, raw: 'Namn,E-post\n', headers: { 'content-type': 'text/csv' } };
  const json = bodiesOf(route, things)[0] ?? (route.method === 'POST' ? {} : undefined);
  return { method: route.method, path, ...(json === undefined ? {} : { json }) };
}

/** Somebody who may use the route, and enters one engagement only where there is such a role. */
export const allowedOn = (route: Route): Who =>
  (['supervisor', 'booker', 'client', 'admin', 'dpo'] as const).find((who) => route.roles.includes(who))!;

/** Every field of a body by its path, the nested ones too. */
export function fieldsOf(json: Json, prefix: readonly string[] = []): (readonly string[])[] {
  return Object.entries(json).flatMap(([key, value]) => {
    const path = [...prefix, key];
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return nested ? [path, ...fieldsOf(value as Json, path)] : [path];
  });
}

export const fieldOf = (json: Json, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Json)[key], json);

export function withField(json: Json, path: readonly string[], value: unknown): Json {
  const [first, ...rest] = path as [string, ...string[]];
  return { ...json, [first]: rest.length ? withField(json[first] as Json, rest, value) : value };
}
