import { catalogProblems } from '@avtala/database';
import { fixturePerson, fixturePhone } from '@avtala/test-kit';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bench, pieces, STATED } from '../../test/bench.js';
import { ImportRuns } from './import-run.service.js';
import { ImportUploads } from './import-upload.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

const HEADER = 'Namn;Företag;E-post;Telefon';
const line = (n: number) => {
  const p = fixturePerson(n);
  return `${p.name};${p.company};${p.email};${p.phone}`;
};
const file = (from: number, to: number) =>
  [HEADER, ...Array.from({ length: to - from }, (_, i) => line(from + i))].join('\r\n');

async function upload(engagementId: string, text: string | Buffer, key?: string) {
  const caller = bench.caller('supervisor', engagementId);
  return bench.get(ImportUploads).receive(caller, engagementId, bench.claim(key), pieces(text), undefined);
}

/** Upload and confirm the guess; the rows are taken in by `bench.runDue()`. */
async function start(engagementId: string, text: string): Promise<string> {
  const { id, mapping } = await upload(engagementId, text);
  await bench.get(ImportRuns).confirm(bench.caller('supervisor', engagementId), id, bench.claim(), mapping, STATED);
  return id;
}

async function counts(id: string) {
  const [row] = await bench.sql<{ state: string; offered: number; accepted: number; merged: number; refused: number }>(
    'select state, offered, accepted, merged, refused from lead_intake.import where id = $1',
    [id],
  );
  return row!;
}
const rejects = (id: string) =>
  bench.sql('select row, column_name as column, reason from lead_intake.reject where import_id = $1 order by row', [
    id,
  ]);

describe('a file', () => {
  it('is taken in row by row, and says of each row what became of it', async () => {
    const engagementId = await bench.engagement();
    const id = await start(
      engagementId,
      [
        HEADER,
        'Åsa Ek;Bolaget AB;asa.ek@bolaget.example;070-174 06 07',
        '"Lind, Bo";"Bolaget ""Norr"" AB";bo@bolaget.example;',
        'Åsa Ek;;ASA.EK+nyhet@bolaget.example;', // merges: plus-tag and case
        'Cia Öberg;;;08-465 004 01',
        'Öberg, Cia;;cia@bolaget.example;+46 8 465 004 01', // merges by name and phone, brings an e-mail
        'Cia Öberg;;andra.cia@bolaget.example;08-465 004 01', // another e-mail now: ambiguous
        'Dag Ek;;dag@bolaget.example;900101-9802',
        'Elin 19900101-9802;;elin@bolaget.example;',
        ';;ingen@bolaget.example;',
        'Fia Ek;;fia(at)bolaget.example;',
        'Gun Ek;;;',
        'kort;rad',
      ].join('\n'),
    );
    await bench.runDue();
    expect(await counts(id)).toEqual({ state: 'done', offered: 12, accepted: 3, merged: 2, refused: 7 });
    expect(await rejects(id)).toEqual([
      { row: 7, column: null, reason: 'ambiguous' },
      { row: 8, column: 'Telefon', reason: 'identity-number' },
      { row: 9, column: 'Namn', reason: 'identity-number' },
      { row: 10, column: 'Namn', reason: 'name-missing' },
      { row: 11, column: 'E-post', reason: 'email-invalid' },
      { row: 12, column: 'E-post', reason: 'contact-missing' },
      { row: 13, column: null, reason: 'columns-mismatch' },
    ]);
    const registered = (await bench.events('lead.registered.v1')).filter((e) => e.engagementId === engagementId);
    expect(registered).toHaveLength(3);
    expect(registered[0]).toMatchObject({
      leadVersion: 1,
      ground: 'legitimate-interest',
      timeZone: 'Europe/Stockholm',
    });
    expect(await readdir(bench.uploads)).toEqual([]);
    expect(await bench.vault.remaining('import', [id])).toBe(0);
  });

  it('with numbers abroad tells the zone of each, beside the engagement’s', async () => {
    const engagementId = await bench.engagement();
    await start(
      engagementId,
      [
        HEADER,
        'Åsa Ek;;asa.ek@bolaget.example;070-174 06 07',
        'Ann Lee;;ann@bolaget.example;+44 20 7946 0123',
        'Bo Lind;;bo@bolaget.example;',
      ].join('\n'),
    );
    await bench.runDue();
    const registered = (await bench.events('lead.registered.v1')).filter((e) => e.engagementId === engagementId);
    expect(registered.map((e) => e.timeZone)).toEqual(['Europe/Stockholm', 'Europe/London', 'Europe/Stockholm']);
  });

  it('is a no-op the second time', async () => {
    const engagementId = await bench.engagement();
    await start(engagementId, file(0, 50));
    await bench.runDue();
    const before = await bench.sql(
      'select id, version, sealed from lead_intake.lead where engagement_id = $1 order by id',
      [engagementId],
    );
    await bench.hearAll();
    const id = await start(engagementId, file(0, 50));
    await bench.runDue();
    expect(await counts(id)).toMatchObject({ state: 'done', offered: 50, accepted: 0, merged: 50, refused: 0 });
    expect(
      await bench.sql('select id, version, sealed from lead_intake.lead where engagement_id = $1 order by id', [
        engagementId,
      ]),
    ).toEqual(before);
    expect(await bench.count('outbox')).toBe(0);
  });

  it('that was killed mid-way goes on behind its last committed chunk and ends in exactly its rows', async () => {
    const engagementId = await bench.engagement();
    const id = await start(engagementId, file(0, 6500));
    // The kill: the second chunk's transaction never commits, and nobody gives the claim back.
    const item = (await bench.claimDue('import-run'))!;
    await bench.sql(`create function lead_intake.killed() returns trigger language plpgsql as
      $$ begin if new.next_row > 5001 then raise exception 'killed'; end if; return new; end $$`);
    await bench.sql(
      'create trigger killed before update on lead_intake.import for each row execute function lead_intake.killed()',
    );
    await expect(bench.get(ImportRuns).run(item)).rejects.toThrow('killed');
    await bench.sql('drop function lead_intake.killed() cascade');
    await bench.expireLeases();
    expect(await counts(id)).toMatchObject({ state: 'running', accepted: 5000 });
    expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(5000);

    await bench.runDue();
    expect(await counts(id)).toEqual({ state: 'done', offered: 6500, accepted: 6500, merged: 0, refused: 0 });
    expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(6500);
    expect(await bench.count('lead_home', 'engagement_id = $1', [engagementId])).toBe(6500);
    const told = (await bench.events('lead.registered.v1')).filter((e) => e.engagementId === engagementId);
    expect(new Set(told.map((e) => e.leadId)).size).toBe(6500);
    expect(told).toHaveLength(6500);
  });

  it('and another at once into one engagement: each person once', async () => {
    const engagementId = await bench.engagement();
    const ids = [await start(engagementId, file(0, 1600)), await start(engagementId, file(800, 2400))];
    const items = [(await bench.claimDue('import-run'))!, (await bench.claimDue('import-run'))!];
    await Promise.all(items.map((item) => bench.get(ImportRuns).run(item)));
    const [a, b] = [await counts(ids[0]!), await counts(ids[1]!)];
    expect([a.state, b.state]).toEqual(['done', 'done']);
    expect(a.accepted + b.accepted).toBe(2400);
    expect(a.merged + b.merged).toBe(800);
    expect(await bench.count('lead', 'engagement_id = $1', [engagementId])).toBe(2400);
    expect(await bench.count('lead_home', 'engagement_id = $1', [engagementId])).toBe(2400);
  });

  it('claimed by two workers is worked on by one: the other’s chunk is refused', async () => {
    const engagementId = await bench.engagement();
    const id = await start(engagementId, file(0, 1500));
    const first = (await bench.claimDue('import-run'))!;
    const second = { ...first };
    const done = await Promise.allSettled([bench.get(ImportRuns).run(first), bench.get(ImportRuns).run(second)]);
    expect(done.filter((d) => d.status === 'fulfilled').length).toBeLessThanOrEqual(1);
    await bench.expireLeases();
    await bench.runDue();
    expect(await counts(id)).toEqual({ state: 'done', offered: 1500, accepted: 1500, merged: 0, refused: 0 });
  });

  it('ends when its engagement does', async () => {
    const engagementId = await bench.engagement();
    const id = await start(engagementId, file(0, 20));
    await bench.sql('update lead_intake.engagement set ended_at = $2 where id = $1', [
      engagementId,
      bench.clock.nowDate(),
    ]);
    await bench.runDue();
    expect(await counts(id)).toEqual({ state: 'failed', offered: 20, accepted: 0, merged: 0, refused: 20 });
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('that nobody confirms is gone after a day', async () => {
    const engagementId = await bench.engagement();
    const { id } = await upload(engagementId, file(0, 20));
    bench.clock.set('2027-03-02T09:00:01Z');
    await bench.runDue();
    bench.clock.set('2027-03-01T09:00:00Z');
    expect(await counts(id)).toMatchObject({ state: 'failed' });
    expect(await readdir(bench.uploads)).toEqual([]);
    await expect(
      bench.get(ImportRuns).confirm(bench.caller('supervisor', engagementId), id, bench.claim(), {}, STATED),
    ).rejects.toMatchObject({ code: 'import-failed' });
  });

  it('that expires while it is still coming is not called received, and leaves nothing behind', async () => {
    const engagementId = await bench.engagement();
    const slow = async function* () {
      yield Buffer.from('Namn;E-post\nAnna Sen;anna.sen@bolaget.example\n');
      bench.clock.set('2027-03-02T09:00:01Z');
      await bench.runDue();
      bench.clock.set('2027-03-01T09:00:00Z');
      yield Buffer.from('Bo Sen;bo.sen@bolaget.example\n');
    };
    await expect(
      bench
        .get(ImportUploads)
        .receive(bench.caller('supervisor', engagementId), engagementId, bench.claim(), slow(), undefined),
    ).rejects.toMatchObject({ code: 'import-failed' });
    expect(await bench.count('import', 'engagement_id = $1', [engagementId])).toBe(0);
    expect(await readdir(bench.uploads)).toEqual([]);
  });

  it('uploaded twice under one Idempotency-Key is one import, with another body it is refused', async () => {
    const engagementId = await bench.engagement();
    const key = 'the-same-key';
    const first = await upload(engagementId, file(0, 5), key);
    const again = await upload(engagementId, file(0, 5), key);
    expect(again).toEqual(first);
    await expect(upload(engagementId, file(0, 6), key)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    expect(await readdir(bench.uploads)).toEqual([`${first.id}.sealed`]);
  });

  it('lies on disk encrypted', async () => {
    const engagementId = await bench.engagement();
    const { id } = await upload(engagementId, file(0, 200));
    const bytes = await readFile(join(bench.uploads, `${id}.sealed`));
    expect(bytes.length).toBeGreaterThan(5000);
    expect(bytes.toString('latin1')).not.toMatch(/Namn|example|\+46/);
  });
});

describe('files that are refused leave nothing behind', () => {
  test.each<[string, string | Buffer, string, object]>([
    ['broken quotes', `${HEADER}\n${line(1)}\n"Åsa "Ek";x;asa@bolaget.example;\n${line(2)}`, 'csv-quotes', { row: 3 }],
    ['a quote inside a cell', `${HEADER}\nÅsa "Ek;x;asa@bolaget.example;`, 'csv-quotes', { row: 2 }],
    ['a quote never closed', `${HEADER}\n"Åsa Ek;x;asa@bolaget.example;\n${line(2)}`, 'csv-quotes', { row: 2 }],
    ['a cell without end', `${HEADER}\n"${'x'.repeat(200_000)}`, 'csv-row-too-long', { row: 2 }],
    ['nothing', '', 'csv-empty', {}],
    ['two columns of one name', 'Namn;E-post;Namn\na;b;c', 'column-twice', { columns: [3] }],
  ])('%s', async (_, text, code, facts) => {
    const engagementId = await bench.engagement();
    const before = await readdir(bench.uploads).catch(() => []);
    await expect(upload(engagementId, text)).rejects.toMatchObject({ code, facts });
    expect(await bench.count('import', 'engagement_id = $1', [engagementId])).toBe(0);
    expect(await bench.count('due', 'engagement_id = $1', [engagementId])).toBe(0);
    expect(await readdir(bench.uploads)).toEqual(before);
  });

  test.each([
    ['comma', ','],
    ['semicolon', ';'],
  ])('but %s, BOM, empty lines and every line end are read', async (_, d) => {
    const engagementId = await bench.engagement();
    const text = `\uFEFFNamn${d}E-post\r\nÅsa Ek${d}asa@bolaget.example\r\n\r\nBo Lind${d}bo@bolaget.example\nCia Ek${d}cia(at)x\r`;
    const { id, columns, mapping } = await upload(engagementId, text);
    expect(columns).toEqual(['Namn', 'E-post']);
    await bench.get(ImportRuns).confirm(bench.caller('admin', engagementId), id, bench.claim(), mapping, STATED);
    await bench.runDue();
    expect(await counts(id)).toMatchObject({ offered: 3, accepted: 2, refused: 1 });
    expect(await rejects(id)).toEqual([{ row: 5, column: 'E-post', reason: 'email-invalid' }]);
  });

  it('a file above the limit is refused while it streams', async () => {
    const small = await Bench.open({ AVTALA_UPLOAD_LIMIT: 20_000 });
    try {
      const engagementId = await small.engagement();
      const caller = small.caller('supervisor', engagementId);
      const receive = (bytes: number | undefined) =>
        small.get(ImportUploads).receive(caller, engagementId, small.claim(), pieces('x'.repeat(50_000)), bytes);
      await expect(receive(undefined)).rejects.toMatchObject({ code: 'file-too-large', kind: 'too-large' });
      await expect(receive(50_000)).rejects.toMatchObject({ code: 'file-too-large' });
      expect(await small.count('import')).toBe(0);
      expect(await readdir(small.uploads).catch(() => [])).toEqual([]);
    } finally {
      await small.close();
    }
  });
});

describe('what a file must say', () => {
  it('an assessment where the ground is legitimate interest (B3), proof where it is consent (B4)', async () => {
    const engagementId = await bench.engagement({ assessed: false });
    const { id, mapping } = await upload(engagementId, file(0, 3));
    const confirm = (stated: object) =>
      bench
        .get(ImportRuns)
        .confirm(bench.caller('supervisor', engagementId), id, bench.claim(), mapping, { ...STATED, ...stated });
    await expect(confirm({})).rejects.toMatchObject({ code: 'assessment-missing', kind: 'conflict' });
    await expect(confirm({ ground: 'consent' })).rejects.toMatchObject({ code: 'consent-unproven' });
    await expect(confirm({ ground: 'contract', source: 'Åsa 900101-9802' })).rejects.toMatchObject({
      code: 'identity-number',
    });
    await confirm({ ground: 'contract' });
    await expect(confirm({ ground: 'contract' })).rejects.toMatchObject({ code: 'import-not-waiting' });
    await bench.runDue();
    expect(await counts(id)).toMatchObject({ state: 'done', accepted: 3 });
  });

  it('another engagement’s import is not there', async () => {
    const [mine, other] = [await bench.engagement(), await bench.engagement()];
    const { id, mapping } = await upload(mine, file(0, 3));
    const stranger = bench.caller('supervisor', other);
    await expect(bench.get(ImportRuns).confirm(stranger, id, bench.claim(), mapping, STATED)).rejects.toMatchObject({
      kind: 'missing',
    });
    await expect(
      bench.get(ImportUploads).receive(stranger, mine, bench.claim(), pieces(file(0, 1)), undefined),
    ).rejects.toMatchObject({ kind: 'missing' });
  });
});

it('names nobody in clear text in any table', async () => {
  const engagementId = await bench.engagement();
  await start(
    engagementId,
    `${HEADER}\nUnik Personsson;Unika AB;unik@bolaget.example;${fixturePhone(3)}\nTrasig;;trasig-adress;\n`,
  );
  await bench.runDue();
  const tables = await bench.sql<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'lead_intake' and c.relkind = 'r'`,
  );
  for (const { name } of tables) {
    const found = await bench.sql(
      `select 1 from lead_intake."${name}" t where t::text ~* 'personsson|unika|unik@|trasig'`,
    );
    expect([name, found.length]).toEqual([name, 0]);
  }
});

it('every table with an engagement has row-level security', async () => {
  await bench.engagement();
  expect(await catalogProblems(bench.database.adminUrl, 'lead_intake')).toEqual([]);
});
