import type { Page } from 'playwright-core';

/** Presses keys at the desk, and waits until another lead is painted. @returns milliseconds from the last key to the paint */
export async function toNext(page: Page, ...keys: string[]): Promise<number> {
  for (const key of keys.slice(0, -1)) await page.keyboard.press(key);
  await page.evaluate(WATCH_NEXT);
  await page.keyboard.press(keys.at(-1)!);
  return page.evaluate<number>('globalThis.nextPainted');
}

/** What one question to the server, answered from the session alone, and one paint cost here and now: the median of twenty, in milliseconds. */
export async function leastAnyKeyCosts(page: Page): Promise<number> {
  return middle(await page.evaluate<number[]>(LEAST));
}

/** From the key to the frame in which another lead is painted; leaves a promise of the milliseconds. */
const WATCH_NEXT = `globalThis.nextPainted = new Promise((resolve) => {
  const before = document.querySelector('#lead-name')?.closest('section');
  const text = before?.innerText;
  let pressed = 0;
  addEventListener('keydown', () => { pressed = performance.now(); }, { capture: true });
  const seen = new MutationObserver(() => {
    const now = document.querySelector('#lead-name')?.closest('section');
    if (!pressed || !now || (now === before && now.innerText === text)) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed)));
  });
  seen.observe(document.body, { subtree: true, childList: true, characterData: true });
}); undefined`;

const LEAST = `(async () => {
  const times = [];
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    await fetch('/api/v1/me').then((r) => r.json());
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    times.push(performance.now() - began);
  }
  return times;
})()`;

export const middle = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
