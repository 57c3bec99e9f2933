import { expect, it } from '@jest/globals';
import { atOnce, MANY, TOGETHER, type LaneEvent } from './lane.js';

const events = (count: number, type: string) =>
  Array.from({ length: count }, (_, i) => ({ pos: String(i + 1), type }) as LaneEvent);
const takesMany = (type: string) => type === 'many';

it('a transaction takes many events whose handlers take many, and fewer whose handlers are called one after the other', () => {
  expect(atOnce(events(MANY + 7, 'many'), takesMany)).toHaveLength(MANY);
  expect(atOnce(events(TOGETHER + 7, 'single'), takesMany)).toHaveLength(TOGETHER);
  expect(atOnce(events(3, 'single'), takesMany)).toHaveLength(3);
});

it('single ones count among the others, and what is taken is the beginning', () => {
  const mixed = [...events(200, 'many'), ...events(TOGETHER + 1, 'single'), ...events(10, 'many')];
  expect(atOnce(mixed, takesMany)).toEqual(mixed.slice(0, 200 + TOGETHER));
});
