import { expect, test } from '@jest/globals';
import { readOrganisationNumber } from './organisation-number.js';

test.each([
  ['556016-0680', '556016-0680'],
  ['5560160680', '556016-0680'],
  ['165560160680', '556016-0680'],
  ['16556016-0680', '556016-0680'],
  [' 202100-6164 ', '202100-6164'],
  ['556677-8899', '556677-8899'],
  ['556600-0104', '556600-0104'],
])('%p is a legal entity', (text, number) => {
  expect(readOrganisationNumber(text)).toEqual({ ok: true, number });
});

test.each([
  ['556016-0681', 'checksum'],
  ['556016-068', 'malformed'],
  ['556016 0680', 'malformed'],
  ['55601606800', 'malformed'],
  ['SE556016068001', 'malformed'],
  ['', 'malformed'],
  ['٥٥٦٠١٦-٠٦٨٠', 'malformed'],
  // A sole trader's number is the person's own: 811228-9874 is the tax agency's published example.
  ['811228-9874', 'identity-number'],
  ['8112289874', 'identity-number'],
  ['19811228-9874', 'identity-number'],
  ['198112289874', 'identity-number'],
])('%p is none: %s', (text, reason) => {
  expect(readOrganisationNumber(text)).toEqual({ ok: false, reason });
});
