import { describe, expect, it } from '@jest/globals';
import { Bell } from './bell.js';
import { Loop } from './loop.js';

describe('a bell', () => {
  it('wakes who sleeps, and keeps a ring for who sleeps next', async () => {
    const bell = new Bell();
    const asleep = bell.sleep(60_000);
    bell.ring();
    await asleep;
    bell.ring();
    await bell.sleep(60_000);
    const before = Date.now();
    await bell.sleep(30);
    expect(Date.now() - before).toBeGreaterThanOrEqual(25);
  });
});

describe('a loop', () => {
  it('goes on after a step that failed, and ends with the step under way', async () => {
    let steps = 0;
    let under = false;
    const loop = new Loop('test', async () => {
      under = true;
      steps += 1;
      if (steps === 1) throw new Error('once');
      await new Promise((r) => setTimeout(r, 5));
      under = false;
      return 1;
    });
    loop.start();
    while (steps < 3) await new Promise((r) => setTimeout(r, 5));
    await loop.stop();
    expect(under).toBe(false);
    const after = steps;
    await new Promise((r) => setTimeout(r, 30));
    expect(steps).toBe(after);
  });
});
