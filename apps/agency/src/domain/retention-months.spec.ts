import { expect, test } from '@jest/globals';
import { smallestRetentionMonths } from './retention-months.js';

test.each([
  ['no system: 21 days of our own key epochs', [], 1],
  ['Salesforce: 15 days and a week', ['salesforce'], 1],
  ['HubSpot: 30 days and a week', ['hubspot'], 2],
  ['the slowest counts', ['salesforce', 'hubspot'], 2],
] as const)('A7: smallest X, %s', (_, systems, months) => {
  expect(smallestRetentionMonths(systems)).toBe(months);
});
