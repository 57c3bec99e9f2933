import { describe, expect, test } from '@jest/globals';
import { hex, leafHash, nodeHash, sha256 } from '../app/digests.js';
import { type AuditExport, FORMAT, type ProvedRow, verifyExport } from './verify.js';

const keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
const raw = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
const text = (s: string) => new TextEncoder().encode(s);
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((p) => [...p]));

async function checkpoint(service: string, size: number, root: Uint8Array) {
  const origin = `avtala/audit/${service}`;
  const typed = joined(Uint8Array.of(1), raw);
  const id = (await sha256(text(`${origin}\n`), typed)).subarray(0, 4);
  const body = `${origin}\n${size}\n${base64(root)}\n`;
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', keys.privateKey, text(body)));
  return {
    signedNote: `${body}\n— ${origin} ${base64(joined(id, signature))}\n`,
    verifierKey: `${origin}+${hex(id)}+${base64(typed)}`,
  };
}

const entry = (n: number, canonical = `{"action":"lead.read","service":"agency","n":${n},"of":"Åsa"}`) => ({
  id: `0195c7a0-0000-7000-8000-00000000000${n}`,
  instance: '0195c7a0-0000-7000-8000-0000000000ff',
  n,
  canonical,
});
type Entry = ReturnType<typeof entry>;
const leaf = (e: Entry) => leafHash(text(`${e.id}\n${e.instance}\n${e.n}\n${e.canonical}`));

/** A tree of exactly five leaves, written out: (((0 1) (2 3)) 4). */
async function proved(entries: readonly Entry[]): Promise<{ root: Uint8Array; items: ProvedRow[] }> {
  const [a, b, c, d, e] = (await Promise.all(entries.map(leaf))) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const [ab, cd] = [await nodeHash(a, b), await nodeHash(c, d)];
  const four = await nodeHash(ab, cd);
  const paths = [[b, cd, e], [a, cd, e], [d, ab, e], [c, ab, e], [four]]; // prettier-ignore
  return {
    root: await nodeHash(four, e),
    items: entries.map((one, row) => ({ entry: one, row, path: paths[row]!.map(base64) })),
  };
}
const { root, items } = await proved([0, 1, 2, 3, 4].map((n) => entry(n)));
const good: AuditExport = {
  format: FORMAT,
  madeAt: '2027-03-09T10:00:00Z',
  filter: {},
  pages: [{ service: 'agency', checkpoint: await checkpoint('agency', 5, root), items }],
};
const verdict = (file: unknown) => verifyExport(typeof file === 'string' ? file : JSON.stringify(file));
const page = good.pages[0]!;
const withPage = (change: object) => ({ ...good, pages: [{ ...page, ...change }] });
const withRow = (row: number, change: object) =>
  withPage({ items: page.items.map((item, i) => (i === row ? { ...item, ...change } : item)) });

test('an export as it was made holds, each of its rows and any one of them alone', async () => {
  expect(await verdict(good)).toMatchObject({ holds: true, rows: 5, services: ['agency'], size: 5, root: hex(root) });
  for (const item of page.items)
    expect(await verdict(withPage({ items: [item] }))).toMatchObject({ holds: true, rows: 1 });
});

test('one of nothing holds: nothing is claimed', async () => {
  expect(await verdict({ ...good, pages: [] })).toMatchObject({ holds: true, rows: 0 });
});

const elsewhere = await checkpoint('retention', 5, root);

describe('does not hold', () => {
  const said = items[2]!.entry;
  test.each([
    ['no JSON', '<html>', 'json'],
    ['another document', { hello: 'world' }, 'shape'],
    ['nothing', 'null', 'shape'],
    ['another format', { ...good, format: 'avtala-audit-export/2' }, 'shape'],
    ['a service that is none', withPage({ service: 'bench' }), 'shape'],
    ['a path that is no base64', withRow(1, { path: ['!'] }), 'shape'],
    [
      'a row with another act',
      withRow(2, { entry: { ...said, canonical: said.canonical.replace('read', 'kept') } }),
      'path',
    ],
    ['a row under another id', withRow(2, { entry: { ...said, id: items[1]!.entry.id } }), 'path'],
    ['a row at another place', withRow(2, { row: 3 }), 'path'],
    ['a row beyond the tree', withRow(2, { row: 5 }), 'path'],
    ['a path too short', withRow(0, { path: items[0]!.path.slice(1) }), 'path'],
    ['a path too long', withRow(4, { path: [...items[4]!.path, items[4]!.path[0]] }), 'path'],
    ['a row of another log', withRow(2, { entry: entry(2, '{"service":"retention"}') }), 'leaf'],
    ['bytes that are no entry', withRow(2, { entry: entry(2, 'null') }), 'leaf'],
    ['a checkpoint of another log', withPage({ checkpoint: elsewhere }), 'service'],
    [
      'a checkpoint of another size',
      withPage({
        checkpoint: { ...page.checkpoint, signedNote: page.checkpoint.signedNote.replace('\n5\n', '\n6\n') },
      }),
      'signature',
    ],
    [
      'a checkpoint with something added',
      withPage({ checkpoint: { ...page.checkpoint, signedNote: `${page.checkpoint.signedNote}x` } }),
      'note',
    ],
    [
      'a key that is another’s',
      withPage({
        checkpoint: {
          ...page.checkpoint,
          verifierKey: `avtala/audit/agency+00000000+${base64(joined(Uint8Array.of(1), new Uint8Array(32)))}`,
        },
      }),
      'note',
    ],
    ['no key', withPage({ checkpoint: { ...page.checkpoint, verifierKey: 'key' } }), 'note'],
  ])('%s', async (_, file, failure) => {
    // prettier-ignore
    expect(await verdict(file)).toMatchObject({ holds: false, failure });
  });
});
