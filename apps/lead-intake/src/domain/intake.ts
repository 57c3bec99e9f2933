import type { Contact } from '@avtala/contracts';
import { ageByBirthDate, ageByYears } from './age.js';
import { holdsIdentityNumber, isIdentityNumberInPhoneField, namesSpecialCategory } from '@avtala/screening';
import { composed, isPlainText } from './plain-text.js';

/** What a single lead or a row of a file may say: the categories of B1, and two that are read and dropped. */
export interface RawLead {
  name?: string;
  company?: string;
  title?: string;
  email?: string;
  phone?: string;
  social?: string;
  /** Read to refuse minors (B7), never stored. */
  birthDate?: string;
  age?: string;
}
export type RawField = keyof RawLead;

/** Why a lead is not taken in. Stable: rejects and problem details carry these words and never a value. */
export const REFUSALS = [
  'name-missing',
  'contact-missing',
  'email-invalid',
  'phone-invalid',
  'text-too-long',
  'text-invalid',
  'identity-number',
  'special-category',
  'minor',
  'birth-date-invalid',
  'age-invalid',
  'suppressed',
  'ambiguous',
  'being-erased',
  'columns-mismatch',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A lead as it is taken in, with the spellings by which it is recognised. */
export interface Person {
  contact: Contact;
  /** Lower case, "Svensson, Anna" turned round. */
  nameKey: string;
  /** `strict` for search; `merge`: plus-tag off too, by which the same person is recognised; `loose`: suppression's. */
  email?: { strict: string; merge: string; loose: string };
  /** E.164 */
  phone?: string;
}

export type IntakeDecision = { ok: true; person: Person } | { ok: false; field: RawField; reason: Refusal };

/** How spellings are brought together; libs/vault has them, so that indexes and suppression hash the same text. */
export interface Spellings {
  email(text: string): { strict: string; loose: string } | null;
  phone(text: string): string | null;
}

const LIMITS: Record<RawField, number> = {
  name: 200,
  company: 200,
  title: 200,
  email: 254,
  phone: 40,
  social: 300,
  birthDate: 40,
  age: 20,
};
const FIELDS = Object.keys(LIMITS) as RawField[];

/** The rules of intake, the same for a single lead and a row of a file: exactly the categories of B1, no identity numbers, no special categories,
 * no minors (B7), and values that can be used. Formulas, quotes and markup are data like any other.
 * @param today the Swedish calendar day */
export function decideIntake(raw: RawLead, today: Temporal.PlainDate, spellings: Spellings): IntakeDecision {
  const refused = (field: RawField, reason: Refusal): IntakeDecision => ({ ok: false, field, reason });
  const text: RawLead = {};
  for (const field of FIELDS) {
    const given = raw[field];
    if (!given) continue;
    const isPlain = isPlainText(given);
    const value = (isPlain ? given : given.normalize('NFC')).trim();
    if (!value) continue;
    if (value.length > LIMITS[field]) return refused(field, 'text-too-long');
    if (!isPlain && /\p{Cc}/u.test(value)) return refused(field, 'text-invalid');
    text[field] = value;
  }

  const phone = text.phone && isPhoneText(text.phone) ? spellings.phone(text.phone) : null;
  for (const field of FIELDS) {
    const value = text[field];
    if (!value) continue;
    const found = field === 'phone' ? isIdentityNumberInPhoneField(value, phone !== null) : holdsIdentityNumber(value);
    if (found) return refused(field, 'identity-number');
  }

  const ages = [
    ['birthDate', text.birthDate ? ageByBirthDate(text.birthDate, today) : 'adult', 'birth-date-invalid'],
    ['age', text.age ? ageByYears(text.age) : 'adult', 'age-invalid'],
  ] as const;
  for (const [field, age, unreadable] of ages) {
    if (age !== 'adult') return refused(field, age === 'minor' ? 'minor' : unreadable);
  }
  if (text.title && namesSpecialCategory(text.title)) return refused('title', 'special-category');

  if (!text.name || !/\p{L}/u.test(text.name)) return refused('name', 'name-missing');
  const email = text.email ? spellings.email(text.email) : null;
  if (text.email && !email) return refused('email', 'email-invalid');
  if (text.phone && !phone) return refused('phone', 'phone-invalid');
  if (!email && !phone) return refused('email', 'contact-missing');

  const contact: Contact = { name: text.name };
  if (text.company) contact.company = text.company;
  if (text.title) contact.title = text.title;
  if (text.email) contact.email = text.email;
  if (phone) contact.phone = phone;
  if (text.social) contact.social = text.social;
  return {
    ok: true,
    person: {
      contact,
      nameKey: nameKey(text.name),
      ...(email ? { email: { ...email, merge: withoutTag(email.strict) } } : {}),
      ...(phone ? { phone } : {}),
    },
  };
}

/** A phone field holds one number and nothing else; libphonenumber would find a number inside any text. */
function isPhoneText(text: string): boolean {
  return /^[\d\s()+\-./\u2010-\u2015\u2212]+$/.test(composed(text, 'NFKC'));
}

/** One spelling of a name: NFKC, lower case, single spaces, hyphens as spaces, "Svensson, Anna" as "anna svensson". */
export function nameKey(name: string): string {
  if (/^[A-Za-zÀ-ÖØ-öø-ÿ]+(?: [A-Za-zÀ-ÖØ-öø-ÿ]+)*$/.test(name)) return name.toLowerCase();
  const [last, first, ...more] = name.normalize('NFKC').toLowerCase().split(',');
  const turned = first?.trim() && more.length === 0 ? `${first} ${last}` : name.normalize('NFKC').toLowerCase();
  return turned
    .replace(/\p{Cf}/gu, '')
    .replace(/[\s\p{Pd},.]+/gu, ' ')
    .trim();
}

/** anna+fair@bolaget.example → anna@bolaget.example: the same mailbox (architecture.md §9, "same person"). */
export function withoutTag(strict: string): string {
  const at = strict.lastIndexOf('@');
  return `${strict.slice(0, at).split('+')[0] || strict.slice(0, at)}${strict.slice(at)}`;
}
