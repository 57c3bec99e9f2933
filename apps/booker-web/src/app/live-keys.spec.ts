import { expect, it } from '@jest/globals';
import { refetchable, touchedBy, type LiveChange } from './live-keys.js';

const change = (kind: LiveChange['kind'], more: Partial<LiveChange> = {}): LiveChange => ({
  kind,
  state: 'changed',
  engagementId: 'e1',
  ...more,
});
const touched = (changes: LiveChange[], ...queryKey: unknown[]) => touchedBy(changes)({ queryKey });

it('touches what a change of that kind is shown in, and nothing else', () => {
  expect(touched([change('push')], 'push-counts', undefined)).toBe(true);
  expect(touched([change('push')], 'erasures', 'open')).toBe(false);
  expect(touched([change('push'), change('erasure')], 'erasures', 'open')).toBe(true);
  expect(touched([change('meeting')], 'slots', 't1')).toBe(true);
});

it('G3: reads no lead again by itself, since every reading is in the audit trail', () => {
  const told = [change('lead', { leadId: 'l1' })];
  expect(touched(told, 'lead', 'l1')).toBe(false);
  expect(touched(told, 'lead', 'l1', 'standing')).toBe(true);
  expect(touched(told, 'lead', 'l2', 'standing')).toBe(false);
  expect(touched(told, 'leads', 'count', {})).toBe(true);
  expect(touched(told, 'leads', 'bulk-preview', {})).toBe(false);
  expect(refetchable({ queryKey: ['lead', 'l1'] })).toBe(false);
  expect(refetchable({ queryKey: ['session'] })).toBe(false);
  expect(refetchable({ queryKey: ['lead', 'l1', 'pushes'] })).toBe(true);
});
