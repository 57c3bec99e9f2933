import { expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

it('returns the first result that is neither false nor an error', async () => {
  let n = 0;
  const result = await eventually(() => {
    n += 1;
    if (n === 1) throw new Error('not yet');
    return n < 3 ? false : n;
  });
  expect(result).toBe(3);
});

it('throws the last failure when the time is up', async () => {
  await expect(eventually(() => Promise.reject(new Error('still closed')), 50)).rejects.toThrow('still closed');
  await expect(eventually(() => false, 50)).rejects.toThrow('Not true within 50 ms');
});
