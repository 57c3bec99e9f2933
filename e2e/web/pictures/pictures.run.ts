import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser, settled, visit } from '../browser.js';
import { describeInBrowser, theConsole } from '../console.js';
import { theWorld } from '../world.js';
import { AFTER_THE_END, type Picture, PICTURES, type Scene, theDesk, theEnd } from './list.js';

const DIR = join(import.meta.dirname, '../../../docs/pictures');
const LANGUAGES = ['sv', 'en'] as const;

/** `npm run pictures`: not a test, but it runs where the browser suites run, and a page that reports something makes no picture. */
describeInBrowser('pictures of the console', () => {
  let scene: Scene;
  let browser: Browser;
  beforeAll(async () => {
    const console = await theConsole();
    scene = { console, world: await theWorld(console), desk: await theDesk(console) };
    browser = await openBrowser(console);
    await mkdir(DIR, { recursive: true });
    const wanted = new Set(
      [...PICTURES, ...AFTER_THE_END].flatMap((p) => LANGUAGES.map((language) => `${p.name}.${language}.png`)),
    );
    for (const file of await readdir(DIR)) if (file.endsWith('.png') && !wanted.has(file)) await rm(join(DIR, file));
  }, 240_000);
  afterAll(() => browser?.close());

  const take = async ({ name, who, path, then, ...look }: Picture, language: (typeof LANGUAGES)[number]) => {
    const { page, go, close } = await visit(browser, scene.console, who, { ...look, language });
    await go(typeof path === 'string' ? path : await path(scene));
    // The clock of the sandbox comes after the page, and what is shown depends on it.
    if (who !== 'nobody' && who !== 'client')
      await page.getByRole('button', { name: '+1', disabled: false }).first().waitFor();
    await then?.(page, language);
    await settled(page);
    expect(await page.locator('h1').first().innerText()).not.toMatch(/finns inte|no such page/); // a role that has no such screen
    await page.evaluate('document.activeElement?.blur?.()');
    const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    expect(png.length).toBeLessThan(400_000);
    await writeFile(join(DIR, `${name}.${language}.png`), png);
    await close(who === 'nobody' ? [/401/] : []);
  };
  const inBoth = (pictures: readonly Picture[]) =>
    pictures.flatMap((picture) => LANGUAGES.map((language) => ({ ...picture, language })));

  it.each(inBoth(PICTURES))('$name, $language', ({ language, ...picture }) => take(picture, language), 120_000);

  describe('after the end', () => {
    beforeAll(() => theEnd(scene), 240_000);
    it.each(inBoth(AFTER_THE_END))('$name, $language', ({ language, ...p }) => take(p, language), 120_000);
  });
});
