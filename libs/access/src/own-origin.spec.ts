import { expect, test } from '@jest/globals';
import { requireOwnOrigin } from './own-origin.js';
import { ForeignOrigin } from './errors.js';

const OWN = ['https://avtala.example'];
const ask =
  (headers: Record<string, string>, own = OWN, method = 'POST') =>
  () =>
    requireOwnOrigin({ method, headers: { host: 'avtala.example', ...headers } }, own);

test.each([
  ['our own', { origin: 'https://avtala.example' }, OWN],
  ['our own, from a browser', { origin: 'https://avtala.example', 'sec-fetch-site': 'same-origin' }, OWN],
  ['without a configured address: the host asked', { origin: 'http://avtala.example' }, []],
])('ASVS 3.5.1: %s may change something', (_, headers, own) => {
  expect(ask(headers, own)).not.toThrow();
});

test.each([
  ['foreign', { origin: 'https://evil.example' }, OWN],
  ['null', { origin: 'null' }, OWN],
  ['absent', {}, OWN],
  ['own name, other port', { origin: 'https://avtala.example:8443' }, OWN],
  ['own name as a beginning', { origin: 'https://avtala.example.evil.example' }, OWN],
  ['plain http for https', { origin: 'http://avtala.example' }, OWN],
  ['own, but the browser says cross-site', { origin: 'https://avtala.example', 'sec-fetch-site': 'cross-site' }, OWN],
  ['own, but a sister site', { origin: 'https://avtala.example', 'sec-fetch-site': 'same-site' }, OWN],
  ['foreign, nothing configured', { origin: 'https://evil.example' }, []],
  ['absent, nothing configured', {}, []],
])('ASVS 3.5.1: %s may not', (_, headers, own) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect(ask(headers, own, method)).toThrow(ForeignOrigin);
  for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(ask(headers, own, method)).not.toThrow();
});
