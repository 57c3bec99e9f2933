import type { RawLead } from './intake.js';

/** What a column of a file may be read as. First and last name are joined; of `mobile` and `phone` the mobile is kept. */
export const COLUMN_FIELDS = [
  'name',
  'firstName',
  'lastName',
  'company',
  'title',
  'email',
  'phone',
  'mobile',
  'social',
  'birthDate',
  'age',
] as const;
export type ColumnField = (typeof COLUMN_FIELDS)[number];

/** Usual headers, in lower case letters and digits only (`E-post` → `epost`). */
const HEADERS: Record<ColumnField, readonly string[]> = {
  name: [
    'namn',
    'name',
    'fullname',
    'fullständigtnamn',
    'kontaktperson',
    'kontakt',
    'kontaktnamn',
    'contact',
    'contactname',
    'contactperson',
    'person',
    'lead',
    'leadname',
    'föroch efternamn',
    'föroefternamn',
    'föroch efternamn',
  ].map((h) => h.replaceAll(' ', '')),
  firstName: ['förnamn', 'fornamn', 'firstname', 'first', 'givenname', 'tilltalsnamn'],
  lastName: ['efternamn', 'lastname', 'last', 'surname', 'familyname'],
  company: [
    'företag',
    'foretag',
    'företagsnamn',
    'foretagsnamn',
    'bolag',
    'bolagsnamn',
    'company',
    'companyname',
    'organisation',
    'organization',
    'organisationsnamn',
    'organizationname',
    'arbetsgivare',
    'employer',
    'account',
    'accountname',
  ],
  title: ['titel', 'title', 'jobtitle', 'befattning', 'roll', 'role', 'position', 'yrkestitel', 'yrkesroll', 'yrke'],
  email: [
    'epost',
    'epostadress',
    'eposten',
    'mejl',
    'mejladress',
    'mail',
    'mailadress',
    'email',
    'emailaddress',
    'emailadress',
    'workemail',
    'businessemail',
    'arbetsepost',
    'jobbmejl',
  ],
  phone: [
    'telefon',
    'telefonnummer',
    'telefonnr',
    'tel',
    'telnr',
    'tfn',
    'tele',
    'phone',
    'phonenumber',
    'telephone',
    'telephonenumber',
    'workphone',
    'businessphone',
    'direktnummer',
    'direkttelefon',
    'direct',
    'directphone',
    'växel',
    'växelnummer',
  ],
  mobile: [
    'mobil',
    'mobiltelefon',
    'mobiltel',
    'mobilnummer',
    'mobilnr',
    'mobile',
    'mobilephone',
    'mobilenumber',
    'cell',
    'cellphone',
  ],
  social: [
    'linkedin',
    'linkedinurl',
    'linkedinprofil',
    'linkedinprofile',
    'social',
    'sociala',
    'socialamedier',
    'socialprofile',
    'socialmedia',
    'twitter',
    'användarnamn',
    'username',
  ],
  birthDate: [
    'födelsedatum',
    'fodelsedatum',
    'födelsedag',
    'född',
    'fodd',
    'birthdate',
    'dateofbirth',
    'birthday',
    'dob',
    'born',
  ],
  age: ['ålder', 'alder', 'age'],
};
const FIELD_OF = new Map(COLUMN_FIELDS.flatMap((field) => HEADERS[field].map((header) => [header, field] as const)));

const headerKey = (header: string): string =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Whether a header is one of the usual words, and so says nothing about a person even in a file without a header row. */
export function isUsualHeader(header: string): boolean {
  return FIELD_OF.has(headerKey(header));
}

/** A first mapping, for a person to confirm: usual Swedish and English headers; whatever else the file holds is left out (null).
 * Two columns for one field: the first is taken. */
export function guessMapping(columns: readonly string[]): Record<string, ColumnField | null> {
  const taken = new Set<ColumnField>();
  const guess: [string, ColumnField | null][] = [];
  for (const column of columns) {
    const field = FIELD_OF.get(headerKey(column)) ?? null;
    guess.push([column, field && !taken.has(field) ? field : null]);
    if (field) taken.add(field);
  }
  return Object.fromEntries(guess);
}

/** Column of a file → what it is read as, or null where it is left out. */
export type Mapping = Record<string, ColumnField | null>;

/** Columns of the file by position from 1, since a header may be a person's name; `gone` are named as the mapping that was sent names them. */
export type MappingProblem = { code: string; columns?: number[]; fields?: string[]; gone?: string[] };

/** The confirmed mapping as one field (or null) per column of the file, in its order; or what is wrong with it, columns by position from 1.
 * A column nobody decided about is refused: what is not asked for must not be read, and what is dropped must be dropped on purpose. */
export function checkMapping(
  columns: readonly string[],
  mapping: Readonly<Record<string, unknown>>,
): { ok: true; fields: (ColumnField | null)[] } | { ok: false; problem: MappingProblem } {
  const wrong = (problem: MappingProblem) => ({ ok: false as const, problem });
  const has = (column: string) => Object.hasOwn(mapping, column);
  const gone = Object.keys(mapping).filter((column) => !columns.includes(column));
  if (gone.length) return wrong({ code: 'columns-gone', gone });
  const undecided = columns.flatMap((column, i) => (has(column) ? [] : [i + 1]));
  if (undecided.length) return wrong({ code: 'column-unmapped', columns: undecided });
  const unknown = columns.flatMap((c, i) => (mapping[c] === null || isColumnField(mapping[c]) ? [] : [i + 1]));
  if (unknown.length) return wrong({ code: 'field-unknown', columns: unknown });
  const fields = columns.map((column) => mapping[column] as ColumnField | null);
  const problem = problemOfFields(fields);
  return problem ? wrong(problem) : { ok: true, fields };
}

/** A mapping to be kept for files that are yet to come, so without their columns. */
export function checkSavedMapping(
  mapping: Readonly<Record<string, unknown>>,
): { ok: true; mapping: Mapping } | { ok: false; problem: MappingProblem } {
  const entries = Object.entries(mapping);
  const unknown = entries.flatMap(([, field], i) => (field === null || isColumnField(field) ? [] : [i + 1]));
  const tooMany = entries.length > 200 || entries.some(([column]) => column.length > 1000);
  const problem = tooMany
    ? { code: 'too-many-columns' }
    : unknown.length
      ? { code: 'field-unknown', columns: unknown }
      : problemOfFields(entries.map(([, field]) => field as ColumnField | null));
  return problem ? { ok: false, problem } : { ok: true, mapping: Object.fromEntries(entries) as Mapping };
}

function problemOfFields(fields: readonly (ColumnField | null)[]): MappingProblem | null {
  const mapped = fields.filter((field) => field !== null);
  const twice = mapped.filter((field, i) => mapped.indexOf(field) !== i);
  if (twice.length) return { code: 'field-twice', fields: [...new Set(twice)] };
  if (!mapped.some((f) => f === 'name' || f === 'firstName' || f === 'lastName')) {
    return { code: 'column-missing', fields: ['name'] };
  }
  if (!mapped.some((f) => f === 'email' || f === 'phone' || f === 'mobile')) {
    return { code: 'column-missing', fields: ['email', 'phone'] };
  }
  return null;
}

function isColumnField(value: unknown): value is ColumnField {
  return COLUMN_FIELDS.includes(value as ColumnField);
}

/** One row as a lead. Cells beyond the header must be empty (a trailing separator); a row that is too short is null: its cells may have moved. */
export function readRow(cells: readonly string[], fields: readonly (ColumnField | null)[]): RawLead | null {
  return rowReader(fields)(cells);
}

/** `readRow` of many rows, whose columns are looked up once. */
export function rowReader(fields: readonly (ColumnField | null)[]): (cells: readonly string[]) => RawLead | null {
  const at = Object.fromEntries(COLUMN_FIELDS.map((field) => [field, fields.indexOf(field)])) as Record<
    ColumnField,
    number
  >;
  const isSplit = at.firstName >= 0 || at.lastName >= 0;
  return (cells) => {
    for (let i = fields.length; i < cells.length; i++) if (cells[i]!.trim()) return null;
    if (cells.length < fields.length) return null;
    const cell = (place: number): string => (place < 0 ? '' : cells[place]!);
    const joined = isSplit ? `${cell(at.firstName).trim()} ${cell(at.lastName).trim()}`.trim() : '';
    return {
      name: cell(at.name).trim() || joined,
      company: cell(at.company),
      title: cell(at.title),
      email: cell(at.email),
      phone: cell(at.mobile).trim() || cell(at.phone),
      social: cell(at.social),
      birthDate: cell(at.birthDate),
      age: cell(at.age),
    };
  };
}

/** The column a refusal is about, by position from 0; null when it is about the row. */
export function columnOf(
  reasonField: keyof RawLead,
  fields: readonly (ColumnField | null)[],
  cells: readonly string[],
): number | null {
  const candidates: ColumnField[] =
    reasonField === 'name'
      ? ['name', 'firstName', 'lastName']
      : reasonField === 'phone'
        ? ['mobile', 'phone']
        : [reasonField];
  const present = candidates.map((field) => fields.indexOf(field)).filter((at) => at >= 0);
  return present.find((at) => cells[at]?.trim()) ?? present[0] ?? null;
}
