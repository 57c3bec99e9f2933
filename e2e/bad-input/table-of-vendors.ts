import type { Hostile, Row } from './refused.js';
import {
  booking,
  bulk,
  caldav,
  connection,
  engagement,
  get,
  host,
  kept,
  leadsExport,
  meetingType,
  post,
} from './requests.js';
import type { System } from './system.js';

/** X, and what vendors need to forget (architecture.md §6). */
export const RETENTION: readonly Row[] = [
  ...[0, 121, 1.5, '3', -1, null, 1e9].map((x): Row => [
    `X of ${JSON.stringify(x)}`,
    400,
    'request-invalid',
    (s) => ({ who: 'admin', ask: post('engagements', engagement(s.own, { retentionMonths: x })) }),
  ]),
  [
    'X of 1 with HubSpot named at set-up',
    409,
    'retention-too-short',
    (s) => ({
      who: 'admin',
      ask: post('engagements', engagement(s.own, { retentionMonths: 1, systems: ['hubspot'] })),
    }),
  ],
  [
    'an account outside the EEA without a safeguard (D4)',
    409,
    'safeguard-missing',
    (s) => ({ ask: post('crm-connections', connection(s.own, { region: 'na1' })) }),
  ],
  [
    'Privacy Shield (D4)',
    400,
    'request-invalid',
    (s) => ({ ask: post('crm-connections', connection(s.own, { region: 'na1', safeguard: 'privacy-shield' })) }),
  ],
  [
    'a second connection',
    409,
    'already-connected',
    (s) => ({
      ask: post('crm-connections', connection(s.own, { refreshToken: 'token-hemlig' })),
      secrets: ['token-hemlig'],
    }),
  ],
  [
    'a mapping onto our own key',
    400,
    'mapping-invalid',
    (s) => ({
      ask: {
        method: 'PUT',
        path: `/api/v1/crm-connections/${s.own.connection}/mapping`,
        json: { fields: { company: 'avtala_lead_key' } },
      },
    }),
  ],
  [
    'a mapping that is a list',
    400,
    'request-invalid',
    (s) => ({
      ask: { method: 'PUT', path: `/api/v1/crm-connections/${s.own.connection}/mapping`, json: { fields: [] } },
    }),
  ],
  [
    "a sole trader's number for a client",
    400,
    'request-invalid',
    () => ({
      who: 'admin',
      ask: post('clients', { name: 'Enskild Firma', organisationNumber: '900101-9802' }),
      secrets: ['900101', 'Enskild'],
    }),
  ],
];

/** Ids of another engagement, and of nothing, that stand in a body or a query: both 404 in the same words. */
export const FOREIGN: readonly (readonly [
  title: string,
  make: (s: System, id: (own: keyof System['own']) => string) => Omit<Hostile, 'status' | 'code'>,
])[] = [
  [
    'the meeting type of a booking',
    (s, id) => ({ who: 'booker', ask: post('bookings', booking(s.own, { meetingTypeId: id('meetingType') })) }),
  ],
  [
    'the lead of a booking',
    (s, id) => ({ who: 'booker', ask: post('bookings', booking(s.own, { leadId: id('lead') })) }),
  ],
  [
    'the host of a booking',
    (s, id) => ({ who: 'booker', ask: post('bookings', booking(s.own, { hostId: id('host') })) }),
  ],
  [
    'the engagement of the bookings',
    (_, id) => ({ who: 'booker', ask: get(`bookings?engagementId=${id('engagement')}`) }),
  ],
  ['the engagement of the erasures', (_, id) => ({ ask: get(`erasures?engagementId=${id('engagement')}`) })],
  [
    'the engagement of a host',
    (s, id) => ({ ask: post('hosts', host(s.own, { engagementIds: [s.own.engagement, id('engagement')] })) }),
  ],
  [
    'the engagement of a meeting type',
    (s, id) => ({ ask: post('meeting-types', meetingType(s.own, { engagementId: id('engagement') })) }),
  ],
  [
    'the hosts of a meeting type',
    (s, id) => ({ ask: post('meeting-types', meetingType(s.own, { hostIds: [s.own.host, id('host')] })) }),
  ],
  [
    'the host of a calendar',
    (_, id) => ({
      ask: post('calendar-connections', {
        hostId: id('host'),
        kind: 'google',
        calendarId: 'x@y.example',
        refreshToken: 't',
      }),
    }),
  ],
  [
    'the engagement of a connection',
    (s, id) => ({ ask: post('crm-connections', connection(s.own, { engagementId: id('engagement') })) }),
  ],
  [
    'the engagement to call for',
    (_, id) => ({ who: 'booker', ask: post('calling/next', { engagementId: id('engagement') }) }),
  ],
  [
    'the lead of a privacy request',
    (_, id) => ({ who: 'booker', ask: post('privacy-requests', { leadId: id('lead'), kind: 'erasure' }) }),
  ],
  [
    'the host a booking is given to',
    (s, id) => ({ who: 'booker', ask: post(`bookings/${s.own.booking}/reassign`, { hostId: id('host') }) }),
  ],
  [
    'the meeting type of a kept slot',
    (s, id) => ({ who: 'booker', ask: post('slots/keep', kept(s.own, { meetingTypeId: id('meetingType') })) }),
  ],
  [
    'the lead of a kept slot',
    (s, id) => ({ who: 'booker', ask: post('slots/keep', kept(s.own, { leadId: id('lead') })) }),
  ],
  [
    'the host of a kept slot',
    (s, id) => ({ who: 'booker', ask: post('slots/keep', kept(s.own, { hostId: id('host') })) }),
  ],
  [
    'the host whose calendars are looked for',
    (s, id) => ({ ask: post('calendar-connections/discover', caldav(s.own, { hostId: id('host') })) }),
  ],
  [
    'an API key of an engagement that is ours',
    (s, id) => ({ who: 'admin', ask: post(`engagements/${s.own.engagement}/api-keys/${id('apiKey')}/revoke`, {}) }),
  ],
  [
    'a form of an engagement that is ours',
    (s, id) => ({ ask: post(`engagements/${s.own.engagement}/forms/${id('form')}/close`, {}) }),
  ],
  [
    'the engagement of a search',
    (_, id) => ({ ask: post('leads/search', { name: 'Person', engagementId: id('engagement') }) }),
  ],
  [
    'the engagement of an act on many',
    (s, id) => ({ ask: post('leads/bulk', bulk(s.own, { engagementId: id('engagement'), dryRun: false })) }),
  ],
  [
    'the engagement of an export',
    (s, id) => ({ ask: post('leads/exports', leadsExport(s.own, { engagementId: id('engagement') })) }),
  ],
  [
    'the engagement of pushes to be tried again',
    (_, id) => ({ ask: post('pushes/retry', { cause: 'value-refused', engagementId: id('engagement') }) }),
  ],
  ...[
    'leads',
    'leads/count',
    'calling/queue',
    'calling/callbacks',
    'calendar-connections',
    'crm-connections',
    'pushes',
    'pushes/causes',
  ].map(
    // prettier-ignore
    (list) =>
      [`the engagement of ${list}`, (_: System, id: (own: keyof System['own']) => string) => ({ ask: get(`${list}?engagementId=${id('engagement')}`) })] as const, // prettier-ignore
  ),
];
