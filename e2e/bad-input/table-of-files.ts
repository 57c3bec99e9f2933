import { workbook, zip } from './archives.js';
import type { Row } from './refused.js';
import { confirmation, get, post } from './requests.js';
import type { System } from './system.js';

const csv = (s: System, raw: string | Uint8Array, headers: Record<string, string> = {}) => ({
  method: 'POST',
  path: `/api/v1/engagements/${s.own.engagement}/imports`,
  raw,
  headers: { 'content-type': 'text/csv', ...headers },
});
const confirm = (s: System, more: Record<string, unknown>) =>
  post(`imports/${s.own.import}/confirm`, confirmation(more));

const BOMB = Buffer.alloc(60_000_000, '<si/>');

/** Files that cannot be read, and mappings that do not fit. */
export const FILES: readonly Row[] = [
  ['an empty file', 400, 'csv-empty', (s) => ({ ask: csv(s, '') })],
  [
    'quotes in the middle',
    400,
    'csv-quotes',
    (s) => ({ ask: csv(s, 'Namn,E-post\n"Anna "Hemlig" Ek",anna.h@bolag.example\n'), secrets: ['Hemlig', 'anna.h'] }),
  ],
  [
    'a quote that never ends',
    400,
    'csv-quotes',
    (s) => ({ ask: csv(s, 'Namn,E-post\n"Anna Evig,anna.e@bolag.example\n'), secrets: ['Evig', 'anna.e'] }),
  ],
  [
    'a row of 200 kB',
    400,
    'csv-row-too-long',
    (s) => ({ ask: csv(s, `Namn,E-post\n"${'Lång '.repeat(40_000)}\n`), secrets: ['Lång Lång'] }),
  ],
  [
    'UTF-8 and Latin-1 in one file',
    400,
    'csv-encoding',
    (s) => ({
      ask: csv(
        s,
        Buffer.concat([
          Buffer.from('Namn,E-post\nÅke Ek,ake@bolag.example\n'),
          Buffer.from('Åsa Latin,asa.l@bolag.example\n', 'latin1'),
        ]),
      ),
      secrets: ['Latin', 'asa.l'],
    }),
  ],
  [
    'UTF-16 with a NUL',
    400,
    'csv-encoding',
    (s) => ({
      ask: csv(s, Buffer.from('Namn,E-post\nAsa Bred,asa.b@bolag.example\0\n', 'utf16le')),
      secrets: ['asa.b'],
    }),
  ],
  [
    'UTF-8 cut off in a letter',
    400,
    'csv-encoding',
    (s) => ({ ask: csv(s, Buffer.from('Namn,E-post\nÅsa Å').subarray(0, -1)) }),
  ],
  [
    'a workbook cut short',
    400,
    'xlsx-unreadable',
    (s) => ({ ask: csv(s, Buffer.from('504b030414000600080000002100', 'hex')) }),
  ],
  [
    'a bomb that says what it holds',
    400,
    'xlsx-too-large',
    (s) => ({ ask: csv(s, workbook('', BOMB, 3_000_000_000)) }),
  ],
  ['a bomb that lies about what it holds', 400, 'xlsx-unreadable', (s) => ({ ask: csv(s, workbook('', BOMB, 1000)) })],
  [
    'a workbook with entities',
    400,
    'xlsx-unreadable',
    (s) => ({
      ask: csv(
        s,
        workbook(
          '<row><c t="s"><v>0</v></c></row>',
          '<!DOCTYPE s [<!ENTITY hemlig SYSTEM "file:///etc/passwd">]><sst><si><t>&hemlig;</t></si></sst>',
        ),
      ),
    }),
  ],
  ['a ZIP without a workbook', 400, 'file-type', (s) => ({ ask: csv(s, zip([{ name: 'namn.csv', content: 'a;b' }])) })],
  ['a picture that says it is CSV', 400, 'file-type', (s) => ({ ask: csv(s, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')) })], // prettier-ignore
  ['a program that says it is CSV', 400, 'csv-encoding', (s) => ({ ask: csv(s, Buffer.from('7f454c4602010100000000000000000003003e00', 'hex')) })], // prettier-ignore
  ['packed bytes that say they are CSV', 400, 'file-type', (s) => ({ ask: csv(s, Buffer.from('1f8b080000000000000003', 'hex')) })], // prettier-ignore
  ['an old workbook', 400, 'xls-or-encrypted', (s) => ({ ask: csv(s, Buffer.from('d0cf11e0a1b11ae1', 'hex')) })],
  ['a PDF', 400, 'file-type', (s) => ({ ask: csv(s, '%PDF-1.7\n') })],
  ['one JSON document', 400, 'file-type', (s) => ({ ask: csv(s, '[{"name":"Asa Json"}]'), secrets: ['Asa Json'] })],
  ['a header and no rows', 400, 'no-rows', (s) => ({ ask: csv(s, 'Namn,E-post\n') })],
  ['a NUL in a header', 400, 'csv-encoding', (s) => ({ ask: csv(s, 'Na\0mn,E-post\n') })],
  ['a column twice', 400, 'column-twice', (s) => ({ ask: csv(s, 'Namn,Namn,E-post\n') })],
  [
    '201 columns',
    400,
    'too-many-columns',
    (s) => ({ ask: csv(s, Array.from({ length: 201 }, (_, i) => `k${i}`).join()) }),
  ],
  [
    'a file that says it is HTML',
    400,
    'not-csv',
    (s) => ({ ask: csv(s, 'Namn,E-post\n', { 'content-type': 'text/html' }) }),
  ],
  ['a packed file', 400, 'not-csv', (s) => ({ ask: csv(s, 'Namn,E-post\n', { 'content-encoding': 'gzip' }) })],
  [
    'a file without a key',
    400,
    'idempotency-key-missing',
    (s) => ({ ask: csv(s, 'Namn,E-post\n', { 'idempotency-key': '' }) }),
  ],
  [
    'a column nobody decided about',
    400,
    'column-unmapped',
    (s) => ({ ask: confirm(s, { mapping: { Namn: 'name' } }) }),
  ],
  [
    'a column the file does not have',
    422,
    'columns-gone',
    (s) => ({ ask: confirm(s, { mapping: { Namn: 'name', 'E-post': 'email', Ort: null } }) }),
  ],
  [
    'a field beyond B1',
    400,
    'field-unknown',
    (s) => ({ ask: confirm(s, { mapping: { Namn: 'name', 'E-post': 'personnummer' } }) }),
  ],
  [
    'one field twice',
    400,
    'field-twice',
    (s) => ({ ask: confirm(s, { mapping: { Namn: 'email', 'E-post': 'email' } }) }),
  ],
  [
    'no column with a name',
    400,
    'column-missing',
    (s) => ({ ask: confirm(s, { mapping: { Namn: null, 'E-post': 'email' } }) }),
  ],
  ['a mapping that is a list', 400, 'request-invalid', (s) => ({ ask: confirm(s, { mapping: ['name', 'email'] }) })],
  ['a file without source (B2)', 400, 'request-invalid', (s) => ({ ask: confirm(s, { source: undefined }) })],
  ['a file without ground (B3)', 400, 'request-invalid', (s) => ({ ask: confirm(s, { ground: undefined }) })],
  [
    'a file of people who consented, unproven (B4)',
    400,
    'consent-unproven',
    (s) => ({ ask: confirm(s, { ground: 'consent' }) }),
  ],
  [
    'rejects from beyond all rows',
    400,
    'request-invalid',
    (s) => ({ ask: get(`imports/${s.own.import}/rejects?after=1e308`) }),
  ],
];
