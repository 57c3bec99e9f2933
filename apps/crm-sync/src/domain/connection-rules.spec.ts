import { expect, test } from '@jest/globals';
import { requireConnectable, smallestRetention } from './connection-rules.js';
import { RetentionTooShort, SafeguardMissing } from './errors.js';

test.each([
  ['HubSpot purges in 30 days, 7 are for reading back', 'hubspot', 2],
  ['Salesforce in 15', 'salesforce', 1],
] as const)('the smallest X (E1): %s', (_, kind, months) => {
  expect(smallestRetention(kind)).toBe(months);
});

test.each([
  ['X of one month', { retentionMonths: 1, region: 'eu1', safeguard: undefined }, RetentionTooShort],
  ['in the EU', { retentionMonths: 2, region: 'eu1', safeguard: undefined }, null],
  ['in the US without a safeguard (D4)', { retentionMonths: 6, region: 'na1', safeguard: undefined }, SafeguardMissing],
  ['nobody says where', { retentionMonths: 6, region: undefined, safeguard: undefined }, SafeguardMissing],
  ['in the US with one', { retentionMonths: 6, region: 'na1', safeguard: 'standard-contractual-clauses' }, null],
] as const)('a connection: %s', (_, given, refusal) => {
  const connect = () => requireConnectable({ kind: 'hubspot', ...given });
  if (refusal) expect(connect).toThrow(refusal);
  else expect(connect).not.toThrow();
});

test('the refusal names the smallest X that holds', () => {
  expect(new RetentionTooShort('hubspot', 2).facts).toEqual({ kind: 'hubspot', smallestMonths: 2 });
});
