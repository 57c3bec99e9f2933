import { expect, test } from '@jest/globals';
import { driesAt } from './dry-list.js';

const NOW = Temporal.Instant.from('2027-03-01T09:00:00Z');
const EVENING = Temporal.Instant.from('2027-03-01T16:00:00Z');
const SOON = Temporal.Instant.from('2027-03-01T09:30:00Z');

test.each([
  ['empty now', { callable: 0, coming: 40, perHour: 0 }, EVENING, '2027-03-01T09:00:00Z'],
  ['half an hour is left', { callable: 10, coming: 5, perHour: 30 }, EVENING, '2027-03-01T09:30:00Z'],
  ['a minute short of two hours', { callable: 119, coming: 0, perHour: 60 }, EVENING, '2027-03-01T10:59:00Z'],
  ['two hours last', { callable: 120, coming: 0, perHour: 60 }, EVENING, null],
  ['nobody calls', { callable: 3, coming: 0, perHour: 0 }, EVENING, null],
  ['calling ends before', { callable: 10, coming: 5, perHour: 30 }, SOON, null],
])('a list: %s', (_, list, closes, at) => expect(driesAt(list, NOW, closes)?.toString() ?? null).toBe(at));
