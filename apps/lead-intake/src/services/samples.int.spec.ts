import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { Bench, pieces, STATED } from '../../test/bench.js';
import { ImportRuns } from './import-run.service.js';
import { ImportUploads } from './import-upload.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

const SAMPLES = new URL('../../../../samples/', import.meta.url);

it('samples/leads.csv becomes what samples/README.md says', async () => {
  const engagementId = await bench.engagement();
  const caller = bench.caller('supervisor', engagementId);
  const bytes = await readFile(new URL('leads.csv', SAMPLES));
  const { id, mapping } = await bench
    .get(ImportUploads)
    .receive(caller, engagementId, bench.claim(), pieces(bytes), undefined);
  expect(mapping).toEqual({
    Namn: 'name',
    Företag: 'company',
    Befattning: 'title',
    'E-post': 'email',
    Telefon: 'phone',
    LinkedIn: 'social',
    Födelsedatum: 'birthDate',
    Ort: null,
  });
  await bench.get(ImportRuns).confirm(caller, id, bench.claim(), mapping, STATED);
  await bench.runDue();

  const [counts] = await bench.sql('select offered, accepted, merged, refused from lead_intake.import where id = $1', [
    id,
  ]);
  expect(counts).toEqual({ offered: 200, accepted: 180, merged: 6, refused: 14 });
  const readme = await readFile(new URL('README.md', SAMPLES), 'utf8');
  const promised = [...readme.matchAll(/^\| (\d+) +\| refused `([a-z-]+)`/gm)].map((m) => ({
    row: Number(m[1]),
    reason: m[2],
  }));
  const rejects = await bench.sql('select row, reason from lead_intake.reject where import_id = $1 order by row', [id]);
  expect(rejects).toEqual(promised);
});
