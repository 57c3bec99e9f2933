import { expect, test } from '@jest/globals';
import { auditActs } from '../words/audit-acts.js';
import { audit } from '../words/audit.js';
import { shell } from '../words/shell.js';
import { actLabel, isKnown, type Saying, sentenceOf } from './sentence.js';
import type { Entry } from './trails.js';

const SAMIRA = '0195c7a0-0000-7000-8000-000000000001';
const LEAD = '0195c7a0-0000-7000-8000-0000000000aa';
const UPPDRAG = '0195c7a0-0000-7000-8000-0000000000bb';
const saying = (language: 'sv' | 'en'): Saying => ({
  language,
  t: audit[language],
  acts: auditActs[language],
  roles: shell[language].roles,
  staff: new Map([[SAMIRA, 'Samira Holm']]),
  engagements: new Map([[UPPDRAG, 'Kvarnlid, Automation']]),
});
const user: Entry['by'] = { kind: 'user', id: SAMIRA, role: 'supervisor', sessionId: 's', purpose: null, event: null };
const service: Entry['by'] = {
  ...user,
  kind: 'service',
  id: 'agency',
  role: null,
  sessionId: null,
  purpose: 'sign-in',
};
const told = (act: string, over: Partial<Entry> = {}): Entry => ({
  service: 'lead-intake',
  id: 'x',
  row: 0,
  at: '2027-03-09T10:00:00Z',
  act,
  by: user,
  engagementId: UPPDRAG,
  subjectId: LEAD,
  fields: [],
  detail: {},
  ...over,
});
const text = (entry: Entry, language: 'sv' | 'en' = 'sv') =>
  sentenceOf(entry, saying(language))
    .map((p) => (typeof p === 'string' ? p : 'id' in p ? p.id : p.name))
    .join('');

test.each([
  ['a read with its reason', told('lead.unmasked', { detail: { reason: 'samtal' } }), `Samira Holm läste lead ${LEAD}, skäl: samtal`],
  ['an outcome in the product’s word', told('lead.contacted', { detail: { outcome: 'no-answer' } }), `Samira Holm ringde lead ${LEAD}: svarar inte`],
  ['an engagement by its name', told('engagement.notice-given', { subjectId: null }), 'Samira Holm sade upp Kvarnlid, Automation'],
  ['numbers as they are said', told('audit.verified', { detail: { upTo: 184202 } }), 'Samira Holm kontrollerade granskningsloggens kedja till rad 184\u00a0202'],
  ['somebody in staff by name', told('account.disabled', { subjectId: SAMIRA }), 'Samira Holm stängde av Samira Holm'],
  ['a role in its word', told('invitation.sent', { subjectId: null, detail: { role: 'dpo' } }), 'Samira Holm bjöd in någon som dataskyddsombud'],
  ['what Avtala did itself, in other words', told('sign-in.refused', { by: service, subjectId: SAMIRA }), 'Avtala nekade en inloggning som Samira Holm'],
  ['the same by a person', told('sign-in.refused', { subjectId: null }), 'Samira Holm nekades inloggning'],
  ['a person through a link', told('booking.moved', { by: { ...service, purpose: 'link-move' } }), `Personen, genom en länk, flyttade ett möte med lead ${LEAD}`],
  ['an account that is gone', told('lead.read', { by: { ...user, id: 'gone' } }), `Ett borttaget konto gone öppnade lead ${LEAD}`],
  ['an API key', told('lead.accepted', { by: { ...service, kind: 'key', id: 'k1' } }), `API-nyckeln k1 tog in lead ${LEAD}`],
  ['an act without words, by its code', told('moon.landed'), `Samira Holm gjorde moon.landed, ${LEAD}`],
])('%s', (_, entry, sentence) => expect(text(entry)).toBe(sentence)); // prettier-ignore

test('English', () =>
  expect(text(told('lead.unmasked', { detail: { reason: 'call' } }), 'en')).toBe(
    `Samira Holm read lead ${LEAD}, reason: call`,
  ));

test('what every object has is no act', () => expect(isKnown(told('constructor'), saying('sv'))).toBe(false));

test('each act can be said of nobody, and both languages have the same placeholders', () => {
  for (const [act, sv] of Object.entries(auditActs.sv)) {
    const marks = (s: string) => [...s.matchAll(/\{\w+\}/g)].map(String).sort();
    expect([act, marks(auditActs.en[act as keyof typeof auditActs.en])]).toEqual([act, marks(sv)]);
    for (const language of ['sv', 'en'] as const) expect(actLabel(act, saying(language))).not.toMatch(/[{}]/);
  }
});
