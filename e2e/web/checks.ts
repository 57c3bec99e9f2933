import { expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { axeOn } from '../axe.js';
import { inLanguage, settled, visit } from './browser.js';
import type { Console, Role } from './console.js';

/** WCAG 2.2 AA and axe's best practices: no violation.
 * @param only rules, where the rest was looked at already */
export async function passesAxe(page: Page, only?: readonly string[]): Promise<void> {
  const axe = axeOn(page);
  const { violations } = await (
    only
      ? axe.withRules([...only])
      : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
  ).analyze();
  expect(
    violations.map(
      (v) => `${v.id}: ${v.help} — ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`).join('; ')}`,
    ),
  ).toEqual([]);
}

/** Opens a page in Swedish and light, then in English and dark, since a colour is the same in every language: no violation of axe or the policy,
 * one h1, the document's language. On a low window: a list's rows are alike, and axe reads each of them.
 * @param then brings the page into the state that is looked at */
export async function looksRight(
  browser: Browser,
  console: Console,
  who: Role | 'nobody',
  path: string,
  then?: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, context, go, close } = await visit(browser, console, who, { height: 720 });
  for (const [language, colorScheme] of [
    ['sv', 'light'],
    ['en', 'dark'],
  ] as const) {
    await context.addInitScript(inLanguage(language)); // the last one counts
    await page.emulateMedia({ colorScheme });
    await page.goto('about:blank'); // a path that differs in its # alone is not loaded again
    await go(path);
    await then?.(page);
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(colorScheme);
    await passesAxe(page);
  }
  await close(who === 'nobody' ? [/401/] : []);
}

/** At 200 % of 1280×720, and at 320 px, nothing has to be scrolled sideways; tables may, inside their own frame (WCAG 1.4.10). */
export async function reflows(browser: Browser, console: Console, who: Role | 'nobody', path: string): Promise<void> {
  const { page, go, close } = await visit(browser, console, who, { width: 640, height: 360 });
  await go(path);
  for (const [width, height] of [
    [640, 360],
    [320, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    await settled(page);
    const wide = await page.evaluate(`(() => {
      const cut = (e) => { for (let p = e.parentElement; p; p = p.parentElement) if (p.id !== 'main' && p !== document.body && p !== document.documentElement && getComputedStyle(p).overflowX !== 'visible') return true; return false; };
      return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.getClientRects().length && !cut(e) && getComputedStyle(e).position !== 'fixed').map((e) => e.tagName + '.' + e.className).slice(0, 5);
    })()`);
    expect([width, wide]).toEqual([width, []]);
  }
  await close(who === 'nobody' ? [/401/] : []);
}

/** Goes through the page by Tab alone.
 * @param most a page that holds the focus somewhere for ever ends here
 * @returns names of what had the focus, in order, once around */
export async function tabbedThrough(page: Page, most = 200): Promise<string[]> {
  const names: string[] = [];
  await page.evaluate('document.activeElement?.blur?.(); document.body.focus()');
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate<string | null>(`(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const r = e.getBoundingClientRect();
      const seen = r.width > 0 && r.height > 0;
      return (seen ? '' : 'unseen ') + (e.getAttribute('aria-label') ?? e.innerText ?? e.getAttribute('name') ?? e.tagName).trim().replaceAll(/\\s+/g, ' ');
    })()`);
    if (name === null) break;
    names.push(name);
  }
  return names;
}

/** Everything that can be pressed is reached by Tab, or is one of a group that arrows go through; nothing invisible takes the focus. */
export async function keyboardReachesEverything(page: Page): Promise<void> {
  const unreachable = await page.evaluate<string[]>(`(() => {
    const grouped = '[role=row],[role=tab],[role=radio],[role=option],[role=menuitem],[role=gridcell]';
    return [...document.querySelectorAll('a,button,input,select,textarea,[role=button],[role=link],[role=checkbox],[role=switch],[onclick]')]
      .filter((e) => e.getClientRects().length && !e.disabled && !e.closest('[aria-hidden=true],[inert]'))
      .filter((e) => e.tabIndex < 0 && !e.matches(grouped) && !e.closest('[role=grid],[role=tablist],[role=radiogroup]'))
      .map((e) => e.outerHTML.slice(0, 120));
  })()`);
  expect(unreachable).toEqual([]);
  expect((await tabbedThrough(page)).filter((name) => name.startsWith('unseen '))).toEqual([]);
}

/** None of these values stands where others can read it: address, title, storage, names of what is kept.
 * @param values names, addresses, numbers that the page shows */
export async function keepsToThePage(page: Page, values: readonly string[]): Promise<void> {
  const places = await page.evaluate<string[]>(`[
    decodeURIComponent(location.href), document.title,
    JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie,
    history.state ? JSON.stringify(history.state) : '',
    ...performance.getEntriesByType('resource').map((e) => decodeURIComponent(e.name)),
  ]`);
  const databases = await page.evaluate<string[]>(`indexedDB.databases().then((all) => all.map((d) => d.name))`);
  expect(databases).toEqual([]);
  for (const value of values)
    expect(places.filter((text) => text.toLowerCase().includes(value.toLowerCase()))).toEqual([]);
}
