import type { Page } from 'playwright-core';

/** Presses keys at the desk, and waits until another lead is painted. @returns milliseconds from the last key to the paint */
export async function toNext(page: Page, ...keys: string[]): Promise<number> {
  for (const key of keys.slice(0, -1)) await page.keyboard.press(key);
  await page.evaluate(WATCH_NEXT);
  await page.keyboard.press(keys.at(-1)!);
  return page.evaluate<number>('globalThis.nextPainted');
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

export const middle = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
