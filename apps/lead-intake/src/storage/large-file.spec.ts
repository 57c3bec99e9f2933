import { afterAll, expect, it } from '@jest/globals';
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { csvPieces } from './csv.js';
import { readUpload, UploadWriter, uploadPath } from './upload-file.js';

const ROWS = 300_000;
const dirs: string[] = [];
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What is really held, in MB. */
function held(): number {
  collect();
  collect(); // buffers that the first one found are given back beside it, and the second waits for that
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 ** 2;
}

it('a file is written and read in the memory of its pieces, however long it is', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'avtala-large-'));
  dirs.push(dir);
  const key = createSecretKey(randomBytes(32));
  const path = uploadPath(dir, 'large');
  const before = held();
  const writer = await UploadWriter.create(path, key, 'large');
  for (let n = 0; n < ROWS; n += 1000) {
    const lines = Array.from(
      { length: 1000 },
      (_, i) => `Person ${n + i};Bolaget AB;person.${n + i}@bolaget.example;44`,
    );
    await writer.write(Buffer.from(`${lines.join('\n')}\n`));
  }
  await writer.end();
  expect(writer.bytes).toBeGreaterThan(15 * 1024 ** 2);

  let rows = 0;
  let last = 0;
  let most = 0;
  for await (const piece of csvPieces(readUpload(path, key, 'large', writer.bytes, 0), ';')) {
    rows += piece.length;
    last = piece.at(-1)!.endOffset;
    if (rows % 50_000 < piece.length) most = Math.max(most, held() - before);
  }
  expect(rows).toBe(ROWS);
  expect(last).toBe(writer.bytes);
  expect(most).toBeLessThan(8);
});
