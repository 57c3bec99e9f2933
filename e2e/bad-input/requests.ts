import type { Ask } from './ask.js';
import type { System } from './system.js';
import type { Things } from './things.js';

const API = '/api/v1';
export type Json = Record<string, unknown>;

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

export const caldav = (things: Things, more: Json = {}): Json => ({
  hostId: things.host,
  serverUrl: 'https://127.0.0.1/dav/', // never called: no address of this machine is
  username: 'host',
  password: 'hemligt-kalender',
  ...more,
});
export const apiKey = (more: Json = {}): Json => ({
  name: 'Leverantörens nyckel',
  verbs: ['leads:write', 'imports:write'],
  source: 'Leverantörens register',
  supplier: 'Leverantören AB',
  ground: 'legitimate-interest',
  expiresInDays: 30,
  ...more,
});
export const PAGE = 'https://www.client.example';
export const webForm = (more: Json = {}): Json => ({
  name: 'Formuläret på startsidan',
  language: 'sv',
  origins: [PAGE],
  consent: { version: '1', wording: 'Ni får ringa mig.' },
  marketing: { version: 'm1', wording: 'Ni får skriva till mig.' },
  ...more,
});
/** Filters of lists, bulk acts and exports. */
const filter: Json = {
  state: 'new',
  source: 'Trade register',
  ground: 'legitimate-interest',
  noticeBefore: '2027-01-02T03:04:05Z',
  callable: true,
  ownerOnly: false,
};
export const bulk = (things: Things, more: Json = {}): Json => ({
  engagementId: things.engagement,
  act: 'reopen',
  reason: 'Old list',
  filter,
  dryRun: true,
  ...more,
});
export const leadsExport = (things: Things, more: Json = {}): Json => ({
  engagementId: things.engagement,
  fields: ['id', 'status'],
  reason: 'They asked',
  filter,
  ...more,
});
export const kept = (things: Things, more: Json = {}): Json => ({
  meetingTypeId: things.meetingType,
  hostId: things.host,
  leadId: things.lead,
  startsAt: things.freeAt,
  forMinutes: 60,
  ...more,
});

export const bookingLink = (things: Things, more: Json = {}): Json => ({
  meetingTypeId: things.meetingType,
  hostId: things.host,
  leadId: things.lead,
  validDays: 14,
  askedByLead: true,
  ...more,
});

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
