import type { Row } from './refused.js';
import { engagement, get, host, post, registration } from './requests.js';
import type { System } from './system.js';
import { unknownId } from './things.js';

const lead = (s: System, more: Record<string, unknown>) =>
  post(`engagements/${s.own.engagement}/leads`, registration(more));

/** Requests that are no requests. */
export const SHAPES: readonly Row[] = [
  [
    'no JSON',
    400,
    'json-invalid',
    (s) => ({ ask: { ...lead(s, {}), raw: '{"name": "Olästa Namn", ' }, secrets: ['Olästa'] }),
  ],
  [
    'JSON that is a text',
    400,
    'json-invalid',
    (s) => ({ ask: { ...lead(s, {}), raw: '"Bara Text"' }, secrets: ['Bara Text'] }),
  ],
  ['JSON null', 400, 'json-invalid', (s) => ({ ask: { ...lead(s, {}), raw: 'null' } })],
  ['a list instead of a lead', 400, 'request-invalid', (s) => ({ ask: { ...lead(s, {}), json: [registration()] } })],
  [
    'nothing at all',
    400,
    'request-invalid',
    (s) => ({ ask: { method: 'POST', path: `/api/v1/engagements/${s.own.engagement}/leads` } }),
  ],
  [
    'a form',
    415,
    'unsupported-media-type',
    (s) => ({
      ask: { ...lead(s, {}), raw: 'name=Form+Namn', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      secrets: ['Form'],
    }),
  ],
  [
    'JSON that says it is text',
    415,
    'unsupported-media-type',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'content-type': 'text/plain' } } }),
  ],
  [
    'JSON in UTF-16',
    415,
    'unsupported-media-type',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'content-type': 'application/json; charset=utf-16' } } }),
  ],
  [
    'JSON packed by nobody knows what',
    415,
    'unsupported-media-type',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'content-encoding': 'zopfli' } } }),
  ],
  [
    'gzip that is none',
    400,
    'bad-request',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'content-encoding': 'gzip' } } }),
  ],
  [
    'bytes that are no UTF-8',
    400,
    'json-unusable',
    (s) => ({ ask: { ...lead(s, {}), raw: Buffer.from('{"name":"Åsa Byte"}', 'latin1') }, secrets: ['Byte'] }),
  ],
  [
    'a body of 200 kB',
    413,
    'too-large',
    (s) => ({ ask: lead(s, { name: 'Stor '.repeat(40_000) }), secrets: ['Stor'] }),
  ],
  [
    'a sign-in of 20 kB',
    413,
    'too-large',
    () => ({
      who: 'nobody',
      ask: { method: 'POST', path: '/api/auth/sign-in/email', json: { email: 'stor'.repeat(5000), password: 'x' } },
      secrets: ['storstor'],
    }),
  ],
  [
    '45,000 levels',
    400,
    'json-unusable',
    (s) => ({ ask: { ...lead(s, {}), raw: `{"name":${'['.repeat(45_000)}${']'.repeat(45_000)}}` } }),
  ],
  [
    'a number beyond all numbers',
    400,
    'json-unusable',
    () => ({ who: 'admin', ask: { ...post('engagements', {}), raw: '{"retentionMonths":1e999}' } }),
  ],
  [
    '__proto__',
    400,
    'json-unusable',
    (s) => ({ ask: { ...lead(s, {}), raw: '{"__proto__":{"role":"admin"},"name":"Proto Namn"}' }, secrets: ['Proto'] }),
  ],
  ['constructor', 400, 'json-unusable', (s) => ({ ask: lead(s, { constructor: { prototype: {} } }) })],
  [
    '__proto__ in a query',
    400,
    'json-unusable',
    (s) => ({ ask: get(`bookings?engagementId=${s.own.engagement}&__proto__=1`) }),
  ],
  ['a NUL', 400, 'json-unusable', (s) => ({ ask: lead(s, { source: 'Källa\0Nolla' }), secrets: ['Nolla'] })],
  [
    'half a surrogate pair',
    400,
    'json-unusable',
    (s) => ({ ask: lead(s, { name: 'Halv \ud83d Tecken' }), secrets: ['Tecken'] }),
  ],
  [
    'a parameter twice',
    400,
    'request-invalid',
    (s) => ({ ask: get(`bookings?engagementId=${s.own.engagement}&limit=1&limit=2`) }),
  ],
  [
    'an engagement twice',
    400,
    'request-invalid',
    (s) => ({ ask: get(`bookings?engagementId=${s.own.engagement}&engagementId=${s.own.engagement}`) }),
  ],
  [
    'a parameter nobody knows',
    400,
    'request-invalid',
    (s) => ({ ask: get(`bookings?engagementId=${s.own.engagement}&order=name`) }),
  ],
  ['a page of -1', 400, 'request-invalid', (s) => ({ ask: get(`bookings?engagementId=${s.own.engagement}&limit=-1`) })],
  [
    'a cursor of our making',
    400,
    'request-invalid',
    (s) => ({
      ask: get(`crm-connections/${s.own.connection}/pushes?after=contact~------------------------------------`),
    }),
  ],
  ['a path that climbs', 404, 'not-found', () => ({ ask: get('leads/../../../etc/passwd') })],
  ['a path that climbs in disguise', 404, 'not-found', () => ({ ask: get('leads/..%2f..%2f..%2fetc%2fpasswd') })],
  ['an id with a NUL', 404, 'not-found', () => ({ ask: get('leads/%00') })],
  ['an id with SQL in it', 404, 'not-found', () => ({ ask: get(`leads/${encodeURIComponent("' or '1'='1")}`) })],
  ['a path that cannot be decoded', 400, 'bad-request', () => ({ ask: get('leads/%E0%A4%A') })],
  ['a path of no service', 404, 'not-found', () => ({ ask: get('nothing/here') })],
  [
    'a page of the library that is not open',
    404,
    'not-found',
    () => ({
      who: 'nobody',
      ask: {
        method: 'POST',
        path: '/api/auth/sign-up/email',
        json: { email: 'ny@person.example', password: 'x', name: 'Ny' },
      },
      secrets: ['ny@person'],
    }),
  ],
  ['DELETE', 404, 'not-found', (s) => ({ ask: { method: 'DELETE', path: `/api/v1/leads/${s.own.lead}` } })],
  ['PUT', 404, 'not-found', (s) => ({ ask: { method: 'PUT', path: `/api/v1/leads/${s.own.lead}`, json: {} } })],
  ['TRACE', 404, 'not-found', (s) => ({ ask: { method: 'TRACE', path: `/api/v1/leads/${s.own.lead}` } })],
  [
    'OPTIONS, from another site',
    404,
    'not-found',
    (s) => ({
      ask: { method: 'OPTIONS', path: `/api/v1/leads/${s.own.lead}`, headers: { origin: 'https://evil.example' } },
    }),
  ],
  [
    'no key',
    400,
    'idempotency-key-missing',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'idempotency-key': undefined } } }),
  ],
  [
    'a key of 201 characters',
    400,
    'idempotency-key-missing',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'idempotency-key': 'k'.repeat(201) } } }),
  ],
  [
    'two keys',
    400,
    'idempotency-key-missing',
    (s) => ({ ask: { ...lead(s, {}), headers: { 'idempotency-key': ['a', 'b'] } } }),
  ],
  [
    'a client that is not there',
    404,
    'not-found',
    (s) => ({ who: 'admin', ask: post('engagements', engagement(s.own, { clientId: unknownId() })) }),
  ],
  [
    'members nobody knows',
    422,
    'unknown-member',
    (s) => ({
      ask: { method: 'PUT', path: `/api/v1/engagements/${s.own.engagement}/members`, json: { userIds: [unknownId()] } },
    }),
  ],
  [
    'a certificate of nothing',
    404,
    'not-found',
    () => ({ who: 'dpo', ask: get(`erasures/${unknownId()}/certificate`) }),
  ],
  [
    'a mail header in a host’s name',
    400,
    'request-invalid',
    (s) => ({ ask: post('hosts', host(s.own, { name: 'Värd\r\nBcc: alla@annan.example' })), secrets: ['Bcc'] }),
  ],
  [
    'hours that are a list of lists',
    400,
    'request-invalid',
    (s) => ({ ask: post('hosts', host(s.own, { weeklyHours: [[]] })) }),
  ],
  [
    'an invitation that was never given',
    404,
    'invitation-not-usable',
    () => ({
      who: 'nobody',
      ask: post('staff/invitations/accept', { token: 'x.hemlig-mac', name: 'Ny', password: 'ett långt lösenord' }),
      secrets: ['hemlig-mac', 'lösenord'],
    }),
  ],
];
