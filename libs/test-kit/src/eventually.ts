import { setTimeout as delay } from 'node:timers/promises';

/**
 * Tries again until `fn` neither throws nor returns false, and returns what it returned: instead of a sleep.
 * @param ms real time after which the last failure is thrown
 */
export async function eventually<T>(fn: () => T | Promise<T>, ms = 10_000): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      const result = await fn();
      if (result !== false) return result;
      if (Date.now() >= until) throw new Error(`Not true within ${ms} ms`);
    } catch (error) {
      if (Date.now() >= until) throw error;
    }
    await delay(20);
  }
}
