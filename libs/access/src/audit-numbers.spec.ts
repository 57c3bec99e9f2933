import { expect, it } from '@jest/globals';
import { AuditNumbers } from './audit-numbers.js';

const numbers = () => {
  const n = new AuditNumbers();
  const begin = (count = 1) => {
    const { accounted, taken } = n.take(count);
    return {
      accounted,
      commit: () => n.committed(taken, accounted),
      rollback: () => n.rolledBack(taken, accounted),
    };
  };
  return { n, begin };
};

it('G2: an entry says up to where every number before it is accounted for', () => {
  const { begin } = numbers();
  begin().commit();
  begin(3).commit();
  const late = begin(); // 5, still open
  expect(late.accounted).toEqual({ settled: 4 });
  begin().commit();
  expect(begin().accounted).toEqual({ settled: 4 });
  late.commit();
});

it('G2: numbers that were rolled back are told once an entry is committed that says so', () => {
  const { n, begin } = numbers();
  begin().commit();
  begin(2).rollback(); // 2 and 3
  const lost = begin(); // 4 tells of them, and is lost itself
  expect(lost.accounted).toEqual({ settled: 3, unused: [[2, 3]] });
  const beside = begin(); // 5: who tells of 2 and 3 is not known to be committed
  expect(beside.accounted).toEqual({ settled: 1 });
  lost.rollback();
  expect(n.hasUnused).toBe(true);
  const kept = begin(); // 6
  expect(kept.accounted).toEqual({ settled: 4, unused: [[2, 4]] });
  kept.commit();
  beside.commit();
  expect(n.hasUnused).toBe(false);
  expect(begin().accounted).toEqual({ settled: 6 });
});

it('more runs than one entry takes are told by the next ones', () => {
  const { begin } = numbers();
  const begun = Array.from({ length: 500 }, () => begin());
  begun.forEach((entry, i) => (i % 2 ? entry.commit() : entry.rollback())); // 1, 3, 5 … 499 are lost
  const first = begin();
  expect(first.accounted).toMatchObject({ settled: 400 });
  expect(first.accounted.unused).toHaveLength(200);
  first.commit();
  const second = begin();
  expect(second.accounted).toMatchObject({ settled: 501 });
  expect(second.accounted.unused).toHaveLength(50);
});
