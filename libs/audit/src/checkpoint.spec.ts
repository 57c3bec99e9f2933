import { generateKeyPairSync } from 'node:crypto';
import { expect, it, test } from '@jest/globals';
import { originOf, readNote, signedNote, verifierKey } from './checkpoint.js';
import { rootOf } from './merkle.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const origin = originOf('lead-intake');
const checkpoint = { origin, size: 20_852, root: rootOf([]) };
const note = signedNote(checkpoint, privateKey);

it('is the text of C2SP tlog-checkpoint in a signed note', () => {
  expect(note).toMatch(
    /^avtala\/audit\/lead-intake\n20852\n47DEQpj8HBSa\+\/TImW\+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— avtala\/audit\/lead-intake [A-Za-z0-9+/]+=*\n$/,
  );
  expect(verifierKey(origin, publicKey)).toMatch(/^avtala\/audit\/lead-intake\+[0-9a-f]{8}\+AQ?[A-Za-z0-9+/]+=*$/);
  expect(verifierKey(origin, privateKey)).toBe(verifierKey(origin, publicKey));
});

it('is read back by the holder of the public key, and by nobody with another', () => {
  expect(readNote(note, publicKey)).toEqual(checkpoint);
  expect(readNote(note, privateKey)).toEqual(checkpoint);
  expect(readNote(note, other.publicKey)).toBeUndefined();
});

test.each([
  ['size', note.replace('20852', '20851')],
  ['origin', note.replaceAll('lead-intake', 'lead-outtake')],
  ['root', note.replace('47DEQ', '47DEP')],
  ['signature', note.replace(/(.)(=*\n)$/, (_, c: string, end: string) => (c === 'A' ? 'B' : 'A') + end)],
  ['a line more', note.replace('\n\n', '\nmore\n\n')],
  ['nothing', ''],
])('G2: a note whose %s was changed says nothing', (_, changed) => {
  expect(readNote(changed, publicKey)).toBeUndefined();
});
