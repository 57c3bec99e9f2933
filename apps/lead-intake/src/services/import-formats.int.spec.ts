import { fixturePerson } from '@avtala/test-kit';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { createHmac, createSecretKey } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bench, pieces, STATED } from '../../test/bench.js';
import { bookParts, inlineRows, workbook, zip } from '../../test/xlsx.js';
import { FileRefused } from '../domain/errors.js';
import { ImportRuns } from './import-run.service.js';
import { ImportUploads } from './import-upload.service.js';
import { readHead, receiveFile } from './upload-stream.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

async function upload(engagementId: string, file: string | Buffer) {
  const caller = bench.caller('supervisor', engagementId);
  return bench.get(ImportUploads).receive(caller, engagementId, bench.claim(), pieces(file, 50_000), undefined);
}

const PEOPLE = [
  ['Namn', 'E-post', 'Företag'],
  ['Åsa Ek', 'asa.ek@bolaget.example', 'Räksmörgås AB'],
  ['Bo Lind', 'bo(at)bolaget.example', ''],
  ['Cia "Cissi" Öberg', 'cia@bolaget.example', 'Öberg; Co, AB'],
];
const csv = (d: string) =>
  PEOPLE.map((cells) => cells.map((c) => (/[;,"|\t]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(d)).join(
    '\r\n',
  );
const objects = PEOPLE.slice(1).map(([Namn, epost, Företag]) => JSON.stringify({ Namn, 'E-post': epost, Företag }));

describe('the same three people, whatever file they come in', () => {
  test.each<[string, Buffer, number]>([
    ['CSV with commas', Buffer.from(csv(',')), 3],
    ['CSV with semicolons', Buffer.from(csv(';')), 3],
    ['CSV with tabs', Buffer.from(csv('\t')), 3],
    ['CSV with bars', Buffer.from(csv('|')), 3],
    ['CSV with a mark', Buffer.from(`\uFEFF${csv(';')}`), 3],
    ['CSV that says its separator', Buffer.from(`sep=|\r\n${csv('|')}`), 4],
    ['CSV in UTF-16', Buffer.from(`\uFEFF${csv('\t')}`, 'utf16le'), 3],
    ['CSV in Windows-1252', Buffer.from(csv(';'), 'latin1'), 3],
    ['NDJSON', Buffer.from(objects.join('\n')), 2],
    ['XLSX', workbook({ sheet: inlineRows(PEOPLE) }), 3],
  ])('%s', async (_, file, rejectedRow) => {
    const engagementId = await bench.engagement();
    const { id, columns, mapping } = await upload(engagementId, file);
    expect(columns).toEqual(PEOPLE[0]);
    expect(await readdir(bench.uploads)).toEqual([`${id}.sealed`]);
    await bench.get(ImportRuns).confirm(bench.caller('admin', engagementId), id, bench.claim(), mapping, STATED);
    await bench.runDue();
    const [row] = await bench.sql(
      'select state, offered, accepted, merged, refused from lead_intake.import where id = $1',
      [id],
    );
    expect(row).toEqual({ state: 'done', offered: 3, accepted: 2, merged: 0, refused: 1 });
    const rejects = await bench.sql('select row, column_name, reason from lead_intake.reject where import_id = $1', [
      id,
    ]);
    expect(rejects).toEqual([{ row: rejectedRow, column_name: 'E-post', reason: 'email-invalid' }]);
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('a file that changes its number of columns: those rows are refused, each by itself', async () => {
    const engagementId = await bench.engagement();
    const rows = [
      'Namn;E-post',
      'Åsa Ek;asa@bolaget.example',
      'Bo;bo@bolaget.example;070;x',
      'Cia',
      'Dag Ek;dag@bolaget.example;',
    ];
    const { id, mapping } = await upload(engagementId, rows.join('\n'));
    await bench.get(ImportRuns).confirm(bench.caller('admin', engagementId), id, bench.claim(), mapping, STATED);
    await bench.runDue();
    expect(
      await bench.sql('select row, reason from lead_intake.reject where import_id = $1 order by row', [id]),
    ).toEqual([
      { row: 3, reason: 'columns-mismatch' },
      { row: 4, reason: 'columns-mismatch' },
    ]);
  });
});

describe('files that are refused leave nothing behind', () => {
  const twoEncodings = Buffer.concat([
    Buffer.from('Namn;E-post\nÅsa;a@bolaget.example\n'),
    Buffer.from('Åke;b@bolaget.example', 'latin1'),
  ]);
  test.each<[string, string | Buffer, string, object]>([
    ['two encodings', twoEncodings, 'csv-encoding', {}],
    ['a header and no rows', 'Namn;E-post\r\n', 'no-rows', {}],
    ['a workbook without rows', workbook({ sheet: '' }), 'csv-empty', {}],
    ['a workbook with a password', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'xls-or-encrypted', {}],
    ['a ZIP that is no workbook', zip([{ name: 'x', content: 'y' }]), 'file-type', { found: 'zip' }],
    [
      'a workbook that bursts',
      zip(bookParts({ sheet: '' }).map((p) => ({ ...p, announced: 2 ** 31 }))),
      'xlsx-too-large',
      {},
    ],
    [
      'a workbook above 20 MB',
      Buffer.concat([workbook({ sheet: '' }), Buffer.alloc(21 * 1024 * 1024)]),
      'file-too-large',
      {},
    ],
    ['one JSON document', '[{"name":"Åsa"}]', 'file-type', { found: 'json' }],
    ['a table of HTML that calls itself Excel', '<html><table><tr><td>Namn', 'file-type', { found: 'markup' }],
    ['a single line of 50 MB', Buffer.alloc(50_000_000, 'x'), 'csv-row-too-long', { row: 1 }],
    ['a text that begins as a workbook', 'PK\x03\x04;Namn', 'xlsx-unreadable', { problem: 'zip' }],
  ])('%s', async (_, file, code, facts) => {
    const engagementId = await bench.engagement();
    await expect(upload(engagementId, file)).rejects.toMatchObject({ code, facts });
    expect(await bench.count('import', 'engagement_id = $1', [engagementId])).toBe(0);
    expect(await bench.count('due', 'engagement_id = $1', [engagementId])).toBe(0);
    expect(await readdir(bench.uploads)).toEqual([]);
  });
});

describe('memory does not grow with the file', () => {
  /** Rows of CSV, made while they are read. */
  async function* rows(thousands: number): AsyncGenerator<Buffer> {
    yield Buffer.from('Namn;E-post;Telefon\n');
    const thousand = Array.from({ length: 1000 }, (_, i) => `P${i};${i};`).join('\n');
    const piece = Buffer.from(`${thousand}\n`);
    for (let i = 0; i < thousands; i++) yield piece;
  }

  // Ten million take five times as long and no more memory.
  it('two million rows are counted in the memory of one', async () => {
    const used = () => {
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      return heapUsed + external + arrayBuffers;
    };
    const before = used();
    let most = 0;
    const watched = async function* () {
      for await (const piece of rows(2_000)) {
        most = Math.max(most, used());
        yield piece;
      }
    };
    const head = await readHead(watched(), ';');
    expect(head).toMatchObject({ offered: 2_000_000, columns: ['Namn', 'E-post', 'Telefon'] });
    expect(most - before).toBeLessThan(150 * 1024 * 1024);
  }, 120_000);

  it('a file beyond the limit is refused when the limit is reached, not when it ends', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'avtala-upload-'));
    let made = 0;
    const endless = async function* () {
      for await (const piece of rows(10_000)) {
        made += piece.length;
        yield piece;
      }
    };
    const body = endless();
    const key = createSecretKey(Buffer.alloc(32, 1));
    const mac = createHmac('sha256', key);
    try {
      const limit = 3_000_000;
      const work = receiveFile({ dir, importId: 'i', key, mac, limit, body });
      await expect(work).rejects.toMatchObject({ code: 'file-too-large', facts: { limitBytes: limit } });
      expect(made).toBeLessThan(20_000_000);
    } finally {
      await body.return(undefined);
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('a workbook of 100,000 rows is read in little more than its texts', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => [fixturePerson(i % 500).name, `p${i}@bolaget.example`]);
    const file = workbook({ sheet: inlineRows([['Namn', 'E-post'], ...rows]) });
    const dir = await mkdtemp(join(tmpdir(), 'avtala-upload-'));
    const key = createSecretKey(Buffer.alloc(32, 1));
    try {
      const received = await receiveFile({
        dir,
        importId: 'i',
        key,
        mac: createHmac('sha256', key),
        limit: 250_000_000,
        body: pieces(file, 65_536),
      });
      expect(received).toMatchObject({ format: 'xlsx', head: { offered: 100_000 } });
      expect(await readdir(dir)).toEqual(['i.sealed']);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }, 60_000);
});

it('a refused file says nothing of what it holds', async () => {
  const engagementId = await bench.engagement();
  const error = await upload(engagementId, 'Namn\n"Hemlig" x').catch((e: unknown) => e as FileRefused);
  expect(JSON.stringify([(error as FileRefused).message, (error as FileRefused).facts])).not.toContain('Hemlig');
});
