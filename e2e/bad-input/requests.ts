import type { Ask } from './ask.js';
import type { Route } from './routes.js';
import type { System, Things, Who } from './system.js';

const API = '/api/v1';
type Json = Record<string, unknown>;

export const registration = (more: Json = {}): Json => ({
  name: 'Test Person',
  email: 'test.person@bolag.example',
  source: 'Trade register',
  ground: 'legitimate-interest',
  ...more,
});
export const consent = (more: Json = {}): Json => ({
  version: '3',
  wording: 'I agree to be called',
  how: 'form',
  givenAt: '2026-01-02T03:04:05Z',
  proof: 'log 17',
  ...more,
});
export const engagement = (things: Things, more: Json = {}): Json => ({
  clientId: things.client,
  name: 'Mötesbokning',
  controller: { name: 'Exempelklienten AB', organisationNumber: '556677-8899' },
  processor: { name: 'Sandbox Agency AB', organisationNumber: '556688-0000' },
  retentionMonths: 3,
  bindingMonths: 1,
  startsOn: '2026-12-01',
  timeZone: 'Europe/Stockholm',
  eraseOnReply: false,
  crmErasure: 'delete-created',
  notice: { source: 'The trade register' },
  ...more,
});
export const host = (things: Things, more: Json = {}): Json => ({
  name: 'Värd',
  email: 'host@client.example',
  timeZone: 'Europe/Stockholm',
  engagementIds: [things.engagement],
  weeklyHours: [{ day: 1, from: '08:00', to: '17:00' }],
  ...more,
});
export const meetingType = (things: Things, more: Json = {}): Json => ({
  engagementId: things.engagement,
  name: 'Möte',
  lengthMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  noticeMinutes: 0,
  horizonDays: 60,
  stepMinutes: 30,
  hostIds: [things.host],
  location: 'Videomöte',
  ...more,
});
export const booking = (things: Things, more: Json = {}): Json => ({
  meetingTypeId: things.meetingType,
  leadId: things.lead,
  hostId: things.host,
  startsAt: things.freeAt,
  ...more,
});
export const confirmation = (more: Json = {}): Json => ({
  mapping: { Namn: 'name', 'E-post': 'email' },
  source: 'Trade register',
  ground: 'legitimate-interest',
  ...more,
});
export const connection = (things: Things, more: Json = {}): Json => ({
  engagementId: things.engagement,
  kind: 'hubspot',
  region: 'eu1',
  portalId: '1002',
  refreshToken: 'sandbox-refresh-1002',
  ...more,
});

/** A body that each route that takes one would accept. A route that is missing here is tested with {}. */
const BODIES: Readonly<Record<string, (t: Things) => Json>> = {
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
  'POST /api/v1/engagements/:id/leads': () =>
    registration({ consentWording: consent(), obtainedAt: '2026-01-02T03:04:05Z' }),
  'POST /api/v1/imports/:id/confirm': () => confirmation(),
  'POST /api/v1/calling/next': (t) => ({ engagementId: t.engagement }),
  'PUT /api/v1/engagements/:id/calling-rules': () => ({
    maxAttempts: 6,
    waitNoAnswerMinutes: 1440,
    waitBusyMinutes: 30,
    callbackGraceMinutes: 15,
    hours: { from: '00:00', until: '24:00' },
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    onHolidays: true,
    onEves: true,
  }),
  'POST /api/v1/leads/search': () => ({ name: 'Person' }),
  'POST /api/v1/leads/:id/unmask': () => ({ reason: 'They rang the switchboard' }),
  'PUT /api/v1/leads/:id/number': () => ({ kind: 'company', nix: { registerOn: '2026-01-02', listed: false } }),
  'POST /api/v1/leads/bulk': (t) => ({ engagementId: t.engagement, act: 'reopen', reason: 'Old list', ids: [t.lead] }),
  'POST /api/v1/leads/exports': (t) => ({ engagementId: t.engagement, fields: ['id', 'status'], reason: 'They asked' }),
  'POST /api/v1/suppressions': () => ({ email: 'nej@bolag.example', phone: '070-174 06 10' }),
  'PATCH /api/v1/leads/:id': () => ({ title: 'Inköpschef', restricted: false, version: 1 }),
  'POST /api/v1/leads/:id/outcomes': () => ({ outcome: 'no-answer', informed: false, note: 'Tries again' }),
  'POST /api/v1/hosts': (t) => host(t),
  'POST /api/v1/calendar-connections': (t) => ({
    hostId: t.host,
    kind: 'google',
    calendarId: 'host@client.example',
    refreshToken: 'sandbox-google-9',
  }),
  'POST /api/v1/meeting-types': (t) => meetingType(t),
  'POST /api/v1/bookings': (t) => booking(t),
  'POST /api/v1/bookings/:id/move': (t) => ({ startsAt: t.freeAt, timeZone: 'Europe/Stockholm' }),
  'POST /api/v1/bookings/:id/cancel': () => ({ reason: 'ill' }),
  'POST /api/v1/crm-connections': (t) => connection(t),
  'PUT /api/v1/crm-connections/:id/mapping': () => ({ fields: { name: 'firstname lastname', email: 'email' } }),
  'POST /api/v1/privacy-requests': (t) => ({ leadId: t.lead, kind: 'erasure' }),
  'POST /api/v1/staff/:id/reset-factors': () => ({ identityCheck: 'in-person' }),
  'PATCH /api/v1/me/passkeys/:id': () => ({ name: 'Telefonen' }),
  'POST /api/v1/staff/invitations': () => ({ email: 'new@agency.example', role: 'booker' }),
  'POST /api/v1/staff/invitations/accept': () => ({ token: 'x.y', name: 'New', password: 'a long enough password' }),
  'POST /internal/contacts:read': (t) => ({ ids: [t.lead], purpose: 'booking' }),
};

/** What a route's `:id` names. */
export function idOf(route: Route, things: Things): string | undefined {
  const [, kind] = /^\/api\/v1\/([a-z-]+)\/:id/.exec(route.path) ?? [];
  const ids: Readonly<Record<string, string>> = {
    engagements: things.engagement,
    imports: things.import,
    leads: things.lead,
    bookings: things.booking,
    'meeting-types': things.meetingType,
    'crm-connections': things.connection,
    erasures: things.erasure,
    'privacy-requests': things.erasure,
  };
  return kind === undefined ? undefined : ids[kind];
}

export const bodyOf = (route: Route, things: Things): Json | undefined => {
  if (route.path.endsWith('/imports') || route.method === 'GET') return undefined;
  return BODIES[`${route.method} ${route.path}`]?.(things) ?? {};
};

/** A request to a route that would be accepted, but for whoever sends it and the id it names. */
export function goodAsk(route: Route, things: Things, id: string): Ask {
  const query = /slots$/.test(route.path)
    ? `?from=${things.freeAt}&to=${Temporal.Instant.from(things.freeAt).add({ hours: 1 }).toString()}`
    : route.path === `${API}/bookings`
      ? `?engagementId=${things.engagement}`
      : '';
  const path = `${route.path.replace(':id', id)}${route.method === 'GET' ? query : ''}`;
  if (route.path.endsWith('/imports') && route.method === 'POST')
    return { method: 'POST', path, raw: 'Namn,E-post\n', headers: { 'content-type': 'text/csv' } };
  const json = bodyOf(route, things);
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

export function withField(json: Json, path: readonly string[], value: unknown): Json {
  const [first, ...rest] = path as [string, ...string[]];
  return { ...json, [first]: rest.length ? withField(json[first] as Json, rest, value) : value };
}

export const post = (path: string, json: unknown, headers?: Ask['headers']): Ask => ({
  method: 'POST',
  path: `${API}/${path}`,
  json,
  ...(headers ? { headers } : {}),
});
export const get = (path: string): Ask => ({ method: 'GET', path: `${API}/${path}` });

/** A single lead, that would be taken in but for `more`. */
export const leadOf =
  (system: () => System) =>
  (more: Json): Ask =>
    post(`engagements/${system().own.engagement}/leads`, registration(more));
