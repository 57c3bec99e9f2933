import { randomUUID } from 'node:crypto';
import type { Ask } from './ask.js';
import { apiKey, bookingLink, bulk, kept, leadsExport, webForm } from './requests.js';
import type { System, Who } from './system.js';

/** One engagement and a thing of every kind in it. */
export interface Things {
  readonly engagement: string;
  readonly client: string;
  readonly host: string;
  readonly meetingType: string;
  readonly lead: string;
  /** Of the lead's last call. */
  readonly outcome: string;
  readonly booking: string;
  readonly keptSlot: string;
  readonly bookingLink: string;
  readonly import: string;
  readonly bulk: string;
  readonly export: string;
  readonly form: string;
  readonly apiKey: string;
  /** The API key itself. */
  readonly apiKeyText: string;
  readonly calendar: string;
  readonly connection: string;
  readonly push: string;
  readonly erasure: string;
  /** An instant at which the meeting type is free. */
  readonly freeAt: string;
}

export const unknownId = (): string => randomUUID();

/** What `:id` names, by what stands before it. */
const ID_OF: readonly (readonly [RegExp, keyof Things])[] = [
  [/\/leads\/bulk\/:id/, 'bulk'],
  [/\/leads\/exports\/:id/, 'export'],
  [/\/calling\/callbacks\/:id/, 'lead'],
  [/\/slots\/keep\/:id/, 'keptSlot'],
  [/\/booking-links\/:id/, 'bookingLink'],
  [/\/public\/forms\/:id/, 'form'],
  [/^\/api\/v1\/engagements\/:id/, 'engagement'],
  [/^\/api\/v1\/imports\/:id/, 'import'],
  [/^\/api\/v1\/leads\/:id/, 'lead'],
  [/^\/api\/v1\/outcomes\/:id/, 'outcome'],
  [/^\/api\/v1\/bookings\/:id/, 'booking'],
  [/^\/api\/v1\/meeting-types\/:id/, 'meetingType'],
  [/^\/api\/v1\/calendar-connections\/:id/, 'calendar'],
  [/^\/api\/v1\/crm-connections\/:id/, 'connection'],
  [/^\/api\/v1\/pushes\/:id/, 'push'],
  [/^\/api\/v1\/(erasures|privacy-requests)\/:id/, 'erasure'],
];

/** @returns undefined where it names nothing of an engagement: a person, a session, a parked message */
export function idOf(path: string, things: Things): string | undefined {
  const kind = ID_OF.find(([pattern]) => pattern.test(path))?.[1];
  return kind && things[kind];
}

/** A route's path with ids in it; `:id` is the given one. */
export const idsIn = (path: string, things: Things, id: string): string =>
  path
    .replace(':id', id)
    .replace(':keyId', things.apiKey)
    .replace(':formId', things.form)
    .replace(':supplier', encodeURIComponent('Leverantören AB'))
    .replace(':token', 'ingen-lapp');

type Need = <T>(who: Who, ask: Ask) => Promise<T>;

/** Puts one thing of every kind into an engagement, as its people would. */
export async function furnish(
  need: Need,
  sql: System['sql'],
  e: { id: string; clientId: string; meetingTypeId: string; hosts: { id: string }[] },
  name: 'own' | 'other',
): Promise<Omit<Things, 'push'>> {
  const booker: Who = name === 'own' ? 'booker' : 'outsider';
  const chief: Who = name === 'own' ? 'supervisor' : 'dpo';
  const post = <T = { id: string }>(who: Who, path: string, json: object) =>
    need<T>(who, { method: 'POST', path: `/api/v1/${path}`, json });
  const lead = async (person: string): Promise<string> => {
    const { id } = await post('admin', `engagements/${e.id}/leads`, {
      name: `Person ${person}`,
      email: `${person}@${name}.example`,
      source: 'Trade register',
      ground: 'legitimate-interest',
    });
    return id;
  };
  const booked = await lead('booked');
  const erased = await lead('erased');
  const thinking = await lead('thinking');
  const outcome = await post(booker, `leads/${booked}/outcomes`, { outcome: 'interested', informed: true });
  await post(booker, `leads/${thinking}/outcomes`, { outcome: 'interested', informed: true });
  const now = Temporal.Now.instant();
  const { slots } = await need<{ slots: { hostId: string; startsAt: string }[] }>(booker, {
    method: 'GET',
    path: `/api/v1/meeting-types/${e.meetingTypeId}/slots?from=${now.add({ hours: 24 }).toString()}&to=${now.add({ hours: 240 }).toString()}`,
  });
  const booking = await post(booker, 'bookings', {
    meetingTypeId: e.meetingTypeId,
    leadId: booked,
    startsAt: slots[0]!.startsAt,
  });
  const upload = await need<{ id: string }>('admin', {
    method: 'POST',
    path: `/api/v1/engagements/${e.id}/imports`,
    raw: 'Namn,E-post\nNågon Annan,annan@bolag.example\n',
    headers: { 'content-type': 'text/csv' },
  });
  if (name === 'own')
    await post('admin', 'crm-connections', {
      engagementId: e.id,
      kind: 'hubspot',
      region: 'eu1',
      refreshToken: 'sandbox-refresh-1002',
    });
  const one = async (text: string, value: string) => (await sql<{ id: string }>(text, [value]))[0]!.id;
  const erasure = await post('dpo', 'privacy-requests', { leadId: erased, kind: 'erasure' });
  const key = await post<{ id: string; key: string }>('admin', `engagements/${e.id}/api-keys`, apiKey());
  const things = {
    engagement: e.id,
    client: e.clientId,
    host: e.hosts[0]!.id,
    meetingType: e.meetingTypeId,
    lead: booked,
    outcome: outcome.id,
    booking: booking.id,
    import: upload.id,
    form: (await post('admin', `engagements/${e.id}/forms`, webForm())).id,
    apiKey: key.id,
    apiKeyText: key.key,
    calendar: await one(
      `select c.id from scheduling.calendar_connection c join scheduling.host_engagement h using (host_id) where h.engagement_id = $1 limit 1`,
      e.id,
    ),
    connection: await one(`select id from crm_sync.crm_connection where engagement_id = $1`, e.id),
    erasure: erasure.id,
    freeAt: slots.at(-1)!.startsAt,
    ...{ keptSlot: '', bookingLink: '', bulk: '', export: '', push: '' },
  };
  const ids = { dryRun: false, filter: undefined, ids: [thinking] };
  return {
    ...things,
    bulk: (await post(chief, 'leads/bulk', bulk(things, ids))).id,
    export: (await post(chief, 'leads/exports', leadsExport(things))).id,
    keptSlot:
      (await post(booker, 'slots/keep', kept(things, { leadId: thinking, hostId: slots[9]!.hostId, startsAt: slots[9]!.startsAt }))) // prettier-ignore
      .id,
    bookingLink: (await post(booker, 'booking-links', bookingLink(things, { leadId: thinking }))).id,
  };
}
