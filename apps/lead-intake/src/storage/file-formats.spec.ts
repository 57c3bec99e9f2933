import { describe, expect, it, test } from '@jest/globals';
import { bookParts, inlineRows, workbook, zip, type Book } from '../../test/xlsx.js';
import { FileRefused } from '../domain/errors.js';
import { utf8Of } from './encodings.js';
import { csvLine, delimiterOf, kindOf, textKindOf } from './file-format.js';
import { csvOfNdjson } from './ndjson.js';
import { dateText, isDateFormat, numberText } from './xlsx/cell-text.js';
import { csvOfXlsx } from './xlsx/workbook.js';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const bytes of chunks) all.push(bytes);
  return Buffer.concat(all).toString('utf8');
}
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: unknown) => (error instanceof FileRefused ? [error.code, error.facts] : error),
  );

const be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const from1252 = (text: string) => Buffer.from(text.replaceAll('€', '\x80').replaceAll('–', '\x96'), 'latin1');

describe('encodings', () => {
  const text = 'Namn;Företag\nÅsa Öberg;Räksmörgås–AB €\n';
  const mark = '\uFEFF';
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with mark', Buffer.from(mark + text)],
    ['UTF-16 LE with mark', Buffer.from(mark + text, 'utf16le')],
    ['UTF-16 LE', Buffer.from(text, 'utf16le')],
    ['UTF-16 BE with mark', be(mark + text)],
    ['UTF-16 BE', be(text)],
    ['Windows-1252', from1252(text)],
  ])('%s is read, in pieces that end anywhere', async (_, bytes) => {
    for (const size of [1, 2, 3, 5, 7, 1000]) expect(await textOf(utf8Of(pieces(bytes, size)))).toBe(text);
  });

  test.each<[string, Buffer]>([
    ['UTF-8, then Windows-1252', Buffer.concat([Buffer.from('Åsa\n'), Buffer.from('Åsa\n', 'latin1')])],
    ['a NUL in text', Buffer.from('Namn\nA\0sa')],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x4e, 0, 0, 0])],
    ['half a surrogate pair', Buffer.concat([Buffer.from('a;b\n', 'utf16le'), Buffer.from([0, 0xd8, 0x41, 0])])],
    ['UTF-16 with a NUL', Buffer.from('a;b\n\0', 'utf16le')],
    ['a byte Windows-1252 does not have', Buffer.from([0x41, 0x3b, 0x42, 0x0a, 0x81, 0x41])],
  ])('%s is refused', async (_, bytes) => {
    for (const size of [1, 3, 1000])
      expect(await refusalOf(textOf(utf8Of(pieces(bytes, size))))).toEqual(['csv-encoding', {}]);
  });

  it('text beyond ASCII may come late', async () => {
    const late = `${'a;b\n'.repeat(50_000)}Å;b\n`;
    expect(await textOf(utf8Of(pieces(Buffer.from(late, 'latin1'), 65_536)))).toBe(late);
    expect(await textOf(utf8Of(pieces(Buffer.from(late), 65_535)))).toBe(late);
  });
});

describe('what a file is', () => {
  test.each<[string, string | Buffer, unknown]>([
    ['a workbook with a password, or an old one', Buffer.from('d0cf11e0a1b11ae100', 'hex'), 'xls-or-encrypted'],
    ['a PDF', '%PDF-1.7', 'file-type'],
    ['a packed file', Buffer.from('1f8b0800', 'hex'), 'file-type'],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), 'file-type'],
    ['an empty ZIP', 'PK\x05\x06\0\0', 'file-type'],
    ['a ZIP', 'PK\x03\x04....', 'zip'],
    ['text', 'Namn;E-post', 'text'],
  ])('%s', (_, first, expected) => {
    const told = () => {
      try {
        return kindOf(Buffer.from(first));
      } catch (error) {
        return (error as FileRefused).code;
      }
    };
    expect(told()).toBe(expected);
  });

  test.each([
    ['Namn;E-post\n', 'csv'],
    ['"{Namn}";x\n', 'csv'],
    ['[Namn];x', 'csv'],
    ['{"name":"Åsa"}\n{"name":"Bo"}', 'ndjson'],
    ['\n {"name":"Åsa"}', 'ndjson'],
    ['[{"name":"Åsa"}]', 'file-type'],
    ['[\n  {', 'file-type'],
    ['{\n  "people": []}', 'file-type'],
    ['<html><table>', 'file-type'],
    ['<?xml version="1.0"?>', 'file-type'],
  ])('%j → %s', (head, expected) => {
    const told = () => {
      try {
        return textKindOf(head);
      } catch (error) {
        return (error as FileRefused).code;
      }
    };
    expect(told()).toBe(expected);
  });

  test.each([
    ['a;b,c;d', ';'],
    ['a,b;c,d', ','],
    ['a\tb\tc', '\t'],
    ['a|b|c', '|'],
    ['"a;b;c;d",e,f', ','],
    ['alone', ','],
  ])('%j is separated by %j', (header, delimiter) => expect(delimiterOf(header)).toBe(delimiter));

  test.each([
    [['a', 'b'], 'a,b\n'],
    [['a"b', 'c,d', 'e\nf'], '"a""b","c,d","e\nf"\n'],
    [['', ''], '\n'],
    [['', 'x'], ',x\n'],
  ])('%j is written as %j', (cells, line) => expect(csvLine(cells)).toBe(line));
});

describe('NDJSON', () => {
  const read = (text: string, size = 10) => textOf(csvOfNdjson(pieces(Buffer.from(text), size)));

  it('columns are the fields of the first lines, nested ones by path; blank lines keep their number', async () => {
    const lines = [
      '{"name":"Åsa","age":41}',
      '',
      '{"email":"bo@x.example","name":"Bo, jr","at":{"work":{"phone":null}}}',
    ];
    for (const size of [1, 7, 1000]) {
      expect(await read(lines.join('\r\n'), size)).toBe(
        'name,age,email,at.work.phone\nÅsa,41,,\n\n"Bo, jr",,bo@x.example,\n',
      );
    }
  });

  test.each([
    ['broken', '{"name":'],
    ['no object', '["Bo"]'],
    ['a list of objects', '{"name":[{"a":1}]}'],
    ['a NUL', '{"name":"B\\u0000o"}'],
    ['half a surrogate pair', '{"name":"\\ud800"}'],
    ['too deep', '{"a":{"a":{"a":{"a":{"a":1}}}}}'],
  ])('a line that is %s becomes a row that fits no header', async (_, line) => {
    expect(await read(`{"name":"Åsa"}\n${line}\n{"name":"Bo"}\n`)).toBe('name\nÅsa\n,?\nBo\n');
  });

  it('a field that comes after a thousand lines has no column', async () => {
    const csv = await read(`${'{"name":"Åsa"}\n'.repeat(1000)}{"name":"Bo","new":1}\n`, 5000);
    expect(csv.split('\n').slice(-3)).toEqual(['Åsa', ',?', '']);
  });

  test.each([
    ['nothing that has a field', '{}\n{}\n', 'csv-empty'],
    ['a line without end', `{"name":"${'x'.repeat(200_000)}"}`, 'csv-row-too-long'],
    [
      'more columns than a file has',
      JSON.stringify(Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`c${i}`, 1]))),
      'too-many-columns',
    ],
  ])('%s is refused', async (_, text, code) => {
    expect(await refusalOf(read(text, 50_000))).toMatchObject([code, {}]);
  });

  it('names of JavaScript’s own are columns like others', async () => {
    expect(await read('{"__proto__":"a","constructor":"b"}\n')).toBe('__proto__,constructor\na,b\n');
  });
});

describe('XLSX', () => {
  const open = (file: Buffer) =>
    textOf(
      csvOfXlsx(async function* (from, to) {
        yield* pieces(file.subarray(from, to), 1000);
      }, file.length),
    );
  const read = (book: Book) => open(workbook(book));

  it('texts, numbers, dates and empty cells come as a person sees them', async () => {
    const csv = await read({
      styles: `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="[Red]#,##0\\ &quot;dkr&quot;"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
      sharedStrings:
        '<sst><si><t>Namn</t></si><si><r><t>Åsa </t></r><r><t xml:space="preserve">Öberg &amp; Co</t></r><rPh><t>phonetic</t></rPh></si></sst>',
      sheet: `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Telefon</t></is></c><c r="D1" t="str"><f>1+1</f><v>Född</v></c></row>
        <row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3"><v>4.6701740605E10</v></c><c r="C3" t="b"><v>1</v></c><c r="D3" s="1"><v>32874</v></c></row>
        <row r="4"><c r="A4" s="3"><v>32874.5</v></c><c r="B4" s="4"><v>1200.5</v></c><c r="C4" t="e"><v>#N/A</v></c><c r="D4" s="2"/></row>`,
    });
    expect(csv).toBe(
      'Namn,Telefon,,Född\n\nÅsa Öberg & Co,46701740605,true,1990-01-01\n1990-01-01T12:00:00,1200.5,,\n',
    );
  });

  it('the first sheet that is not hidden, with days since 1904 where the workbook says so', async () => {
    const csv = await read({
      workbook:
        '<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="dold" state="hidden" r:id="rId1"/><sheet name="synlig" r:id="rId2"/></sheets></workbook>',
      styles: '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
      sheet: inlineRows([['dold']]),
      more: [
        {
          name: 'xl/worksheets/sheet2.xml',
          content:
            '<x:worksheet xmlns:x="x"><x:sheetData><x:row><x:c s="0"><x:v>0</x:v></x:c></x:row></x:sheetData></x:worksheet>',
        },
      ],
    });
    expect(csv).toBe('1904-01-01\n');
  });

  const bomb = 'x'.repeat(30_000);
  test.each<[string, () => Buffer, string, object]>([
    ['a ZIP without a workbook', () => zip([{ name: 'namn.csv', content: 'a;b' }]), 'file-type', { found: 'zip' }],
    [
      'a ZIP in a ZIP',
      () => zip([{ name: 'a.xlsx', content: workbook({ sheet: '' }) }]),
      'file-type',
      { found: 'zip' },
    ],
    [
      'a part that is encrypted',
      () => zip(bookParts({ sheet: '' }).map((p) => ({ ...p, encrypted: true }))),
      'xls-or-encrypted',
      {},
    ],
    [
      'a part that says it is larger than any workbook',
      () => zip(bookParts({ sheet: '' }).map((p, i) => (i ? p : { ...p, announced: 3_000_000_000 }))),
      'xlsx-too-large',
      {},
    ],
    [
      'a part that holds more than it says',
      () => zip(bookParts({ sheet: inlineRows([['a']]) }).map((p) => ({ ...p, announced: 10 }))),
      'xlsx-unreadable',
      { problem: 'zip' },
    ],
    [
      'more parts than a workbook has',
      () => workbook({ sheet: '', more: Array.from({ length: 2_001 }, (_, i) => ({ name: `m/${i}`, content: '' })) }),
      'xlsx-too-large',
      {},
    ],
    [
      'two parts of one name',
      () => zip([...bookParts({ sheet: '' }), ...bookParts({ sheet: '' })]),
      'xlsx-unreadable',
      {},
    ],
    ['a name that leads out', () => zip([{ name: '../../etc/passwd', content: 'x' }]), 'xlsx-unreadable', {}],
    ['a ZIP cut short', () => workbook({ sheet: '' }).subarray(0, 300), 'xlsx-unreadable', { problem: 'zip' }],
    [
      'XML cut short',
      () => workbook({ sheet: '<worksheet><sheetData><row><c' }),
      'xlsx-unreadable',
      { problem: 'xml' },
    ],
    [
      'a billion laughs',
      () =>
        workbook({
          sheet: `<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet><sheetData>${inlineRows([['x']])}</sheetData></worksheet>`,
        }),
      'xlsx-unreadable',
      { problem: 'doctype' },
    ],
    [
      'a file of ours as an entity',
      () => workbook({ sheet: '', sharedStrings: '<!DOCTYPE s SYSTEM "file:///etc/passwd"><sst/>' }),
      'xlsx-unreadable',
      { problem: 'doctype' },
    ],
    [
      'an entity nobody declared',
      () => workbook({ sheet: '<row><c><v>&x;</v></c></row>' }),
      'xlsx-unreadable',
      { problem: 'xml' },
    ],
    [
      'a hundred thousand levels',
      () => workbook({ sheet: '<a>'.repeat(100_000) }),
      'xlsx-unreadable',
      { problem: 'depth' },
    ],
    [
      'a text of 3 MB',
      () => workbook({ sheet: `<row><c t="inlineStr"><is><t>${'x'.repeat(3_000_000)}` }),
      'xlsx-unreadable',
      { problem: 'piece-too-long' },
    ],
    [
      'a text that is not there',
      () => workbook({ sheet: '<row><c t="s"><v>7</v></c></row>', sharedStrings: '<sst/>' }),
      'xlsx-unreadable',
      {},
    ],
    ['rows that go backwards', () => workbook({ sheet: '<row r="2"/><row r="1"/>' }), 'xlsx-unreadable', {}],
    ['a row beyond the last', () => workbook({ sheet: '<row r="9000000"/>' }), 'xlsx-unreadable', {}],
    [
      'a cell beyond the last',
      () => workbook({ sheet: '<row r="1"><c r="XFD1"><v>1</v></c></row>' }),
      'too-many-columns',
      { row: 1 },
    ],
    [
      'a small text named by every cell of a row',
      () =>
        workbook({
          sharedStrings: `<sst><si><t>${bomb}</t></si></sst>`,
          sheet: `<row>${'<c t="s"><v>0</v></c>'.repeat(100)}</row>`,
        }),
      'csv-row-too-long',
      { row: 1 },
    ],
  ])('%s is refused', async (_, file, code, facts) => {
    expect(await refusalOf(open(file()))).toMatchObject([code, facts]);
  });

  it('a bomb that lies about what it holds is left after as much as it said', async () => {
    const content = Buffer.alloc(30 * 1024 * 1024, '<row/>');
    const lying = [...bookParts({ sheet: '' }), { name: 'xl/sharedStrings.xml', content, announced: 1000 }];
    expect(await refusalOf(open(zip(lying)))).toMatchObject(['xlsx-unreadable', {}]);
  });

  test.each([
    ['General', false],
    ['0.00', false],
    ['#,##0 "days"', false],
    ['[$-41D]d mmmm yyyy', true],
    ['[h]:mm', true],
    ['[Red]0', false],
    ['@', false],
    ['yyyy-mm-dd;@', true],
  ])('format %s shows a date: %s', (code, expected) => expect(isDateFormat(164, code)).toBe(expected));

  test.each([
    ['701740605', '701740605'],
    ['4.6701740605E10', '46701740605'],
    ['0.1', '0.1'],
    ['1E400', '1E400'],
    ['x', 'x'],
  ])('number %s → %s', (raw, text) => expect(numberText(raw)).toBe(text));

  // Day 1 is 1 January 1900, day 61 is 1 March 1900: day 60 never was. 25569 is 1 January 1970.
  test.each([
    ['1', '1900-01-01'],
    ['59', '1900-02-28'],
    ['61', '1900-03-01'],
    ['25569', '1970-01-01'],
    ['25569.75', '1970-01-01T18:00:00'],
    ['0.5', '12:00:00'],
    ['-3', '-3'],
    ['99999999', '99999999'],
  ])('day %s → %s', (raw, text) => expect(dateText(raw, false)).toBe(text));
});
