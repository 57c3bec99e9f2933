import { parse } from 'csv-parse/sync';
import { readFile } from 'node:fs/promises';
import type { Needle } from './needles.js';
import type { Seeded } from './seeded.js';

/** Which column holds which category (B1), as the service guessed and the demo confirmed. */
export type Mapping = Readonly<Record<string, string | null>>;

/** The file as the demo reads it for itself: what to search for afterwards must not come from the service under test. */
export interface LeadFile {
  readonly bytes: Uint8Array;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export async function readLeadFile(path: string): Promise<LeadFile> {
  const bytes = await readFile(path);
  const text = new TextDecoder('utf-8').decode(bytes);
  const firstLine = text.slice(0, text.search(/\r?\n/));
  const delimiter = firstLine.split(';').length > firstLine.split(',').length ? ';' : ',';
  const records = parse(text, { delimiter, bom: true, relax_column_count: true, skip_empty_lines: true }) as string[][];
  return { bytes, header: records[0] ?? [], rows: records.slice(1) };
}

const SEARCHED = ['name', 'email', 'phone', 'social', 'company'] as const;

/** A row's value of a category; undefined when the file has none. */
export const fieldOf = (
  file: LeadFile,
  row: readonly string[],
  mapping: Mapping,
  field: string,
): string | undefined => {
  const column = file.header.findIndex((h) => mapping[h] === field);
  return column < 0 ? undefined : row[column]?.trim() || undefined;
};

/** Every value that must be nowhere in the end: names, e-mails, phones (as written, with and without the country's prefix), social
 * names and companies of all rows, refused ones included. Titles are left out: they say what somebody does, not who they are. */
export function needlesOf(file: LeadFile, mapping: Mapping): Needle[] {
  const needles = new Map<string, Needle>();
  file.rows.forEach((row, i) => {
    for (const field of SEARCHED) {
      const value = fieldOf(file, row, mapping, field);
      if (!value || value.length < 5) continue;
      const values = [value];
      if (field === 'phone') {
        const digits = value.replaceAll(/\D/g, '').replace(/^0046/, '46');
        if (digits.length < 8) continue;
        const national = digits.startsWith('46') ? `0${digits.slice(2)}` : digits;
        values.push(national, `+46${national.slice(1)}`);
      }
      for (const v of values) if (!needles.has(v)) needles.set(v, { value: v, field, row: i + 1 });
    }
  });
  return [...needles.values()];
}

/** The people whom the client knew before us: 2 % of the file, at least one, chosen by the seed among rows with an e-mail.
 * Their records have a name and an e-mail of the client's own, and empty fields that we are allowed to fill. */
export function knownBefore(file: LeadFile, mapping: Mapping, rng: Seeded): { properties: Record<string, string> }[] {
  const withEmail = new Map<string, readonly string[]>();
  for (const row of file.rows) {
    const email = fieldOf(file, row, mapping, 'email')?.toLowerCase();
    const name = fieldOf(file, row, mapping, 'name');
    if (email && name && /^[^\s@,;]+@[^\s@,;]+\.[a-z]+$/.test(email) && !withEmail.has(email))
      withEmail.set(email, row);
  }
  const emails = [...withEmail.keys()];
  const count = Math.min(emails.length, Math.max(1, Math.round(file.rows.length * 0.02)));
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(rng.pick(emails));
  return [...chosen].map((email) => {
    const [firstname, ...rest] = fieldOf(file, withEmail.get(email)!, mapping, 'name')!.split(' ');
    return { properties: { email, firstname: firstname!, lastname: rest.join(' '), lifecyclestage: 'customer' } };
  });
}
