import type { Row } from './refused.js';
import { consent, post, registration } from './requests.js';
import type { System } from './system.js';

const lead = (s: System, more: Record<string, unknown>) =>
  post(`engagements/${s.own.engagement}/leads`, registration(more));

/** What the law and the agency's promises ask of a lead (B1, B2, B3, B4, B7). */
export const LEADS: readonly Row[] = [
  ['no source (B2)', 400, 'request-invalid', (s) => ({ ask: lead(s, { source: undefined }) })],
  ['a blank source (B2)', 400, 'request-invalid', (s) => ({ ask: lead(s, { source: ' \u200b ' }) })],
  ['no ground (B3)', 400, 'request-invalid', (s) => ({ ask: lead(s, { ground: undefined }) })],
  ['a ground of our own (B3)', 400, 'request-invalid', (s) => ({ ask: lead(s, { ground: 'curiosity' }) })],
  ['consent without proof (B4)', 400, 'consent-unproven', (s) => ({ ask: lead(s, { ground: 'consent' }) })],
  [
    'consent proven by an empty list (B4)',
    400,
    'request-invalid',
    (s) => ({ ask: lead(s, { ground: 'consent', consentWording: [] }) }),
  ],
  [
    'consent that will be given some day (B4)',
    400,
    'consent-unproven',
    (s) => ({ ask: lead(s, { ground: 'consent', consentWording: consent({ givenAt: '2199-01-01T00:00:00Z' }) }) }),
  ],
  [
    'blank proof of consent (B4)',
    400,
    'request-invalid',
    (s) => ({ ask: lead(s, { ground: 'consent', consentWording: consent({ proof: ' ' }) }) }),
  ],
  [
    'no way to reach the person',
    422,
    'contact-missing',
    (s) => ({ ask: lead(s, { email: undefined, name: 'Hemlig Nåbar' }), secrets: ['Nåbar'] }),
  ],
  [
    'no e-mail address',
    422,
    'email-invalid',
    (s) => ({ ask: lead(s, { email: 'hemlig.adress(at)bolag' }), secrets: ['hemlig.adress'] }),
  ],
  [
    'no phone number',
    422,
    'phone-invalid',
    (s) => ({ ask: lead(s, { phone: '070-12 hemligt' }), secrets: ['hemligt'] }),
  ],
  [
    'somebody of fifteen (B7)',
    422,
    'minor',
    (s) => ({ ask: lead(s, { birthDate: '2020-05-06' }), secrets: ['2020-05-06'] }),
  ],
  [
    'an unreadable birth date (B7)',
    422,
    'birth-date-invalid',
    (s) => ({ ask: lead(s, { birthDate: 'förra våren' }), secrets: ['förra'] }),
  ],
  [
    'a health condition as title (B1)',
    422,
    'special-category',
    (s) => ({ ask: lead(s, { title: 'Sjukskriven inköpare' }), secrets: ['Sjukskriven'] }),
  ],
  ['a field beyond B1', 400, 'request-invalid', (s) => ({ ask: lead(s, { religion: 'Asatro' }), secrets: ['Asatro'] })],
  [
    'a control character',
    422,
    'text-invalid',
    (s) => ({ ask: lead(s, { company: 'Klock\u0007a AB' }), secrets: ['Klock'] }),
  ],
  [
    'a person as source',
    422,
    'text-invalid',
    (s) => ({ ask: lead(s, { source: 'tips.fran@person.example' }), secrets: ['tips.fran'] }),
  ],
  [
    'a callback in the past',
    400,
    'callback-past',
    (s) => ({
      who: 'booker',
      ask: post(`leads/${s.own.lead}/outcomes`, {
        outcome: 'callback',
        informed: true,
        callbackAt: '2020-01-01T00:00:00Z',
      }),
    }),
  ],
  [
    'a callback without a time',
    400,
    'callback-missing',
    (s) => ({ who: 'booker', ask: post(`leads/${s.own.lead}/outcomes`, { outcome: 'callback', informed: true }) }),
  ],
  [
    'a note on health (B1)',
    422,
    'special-category',
    (s) => ({
      who: 'booker',
      ask: post(`leads/${s.own.lead}/outcomes`, { outcome: 'no-answer', informed: true, note: 'är gravid just nu' }),
      secrets: ['gravid'],
    }),
  ],
  [
    'a version that is over',
    409,
    'version-conflict',
    (s) => ({
      ask: { method: 'PATCH', path: `/api/v1/leads/${s.own.lead}`, json: { title: 'Chefhemlig', version: 4711 } },
      secrets: ['Chefhemlig'],
    }),
  ],
  ['a suppression of nobody', 422, 'contact-missing', () => ({ ask: post('suppressions', {}) })],
  [
    'a suppression of what is no number',
    422,
    'phone-invalid',
    () => ({ ask: post('suppressions', { phone: '0707' }), secrets: ['0707'] }),
  ],
];
