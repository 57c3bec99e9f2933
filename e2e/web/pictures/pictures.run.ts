import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser, visit } from '../browser.js';
import { type Console, describeInBrowser, theConsole } from '../console.js';
import { theWorld } from '../world.js';
import { PICTURES } from './list.js';

const DIR = join(import.meta.dirname, '../../../docs/pictures');
const LANGUAGES = ['sv', 'en'] as const;

/** `npm run pictures`: not a test, but it runs where the browser suites run, and a page that reports something makes no picture. */
describeInBrowser('pictures of the console', () => {
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    console = await theConsole();
    await theWorld(console);
    browser = await openBrowser(console);
    await mkdir(DIR, { recursive: true });
    const wanted = new Set(PICTURES.flatMap((p) => LANGUAGES.map((language) => `${p.name}.${language}.png`)));
    for (const file of await readdir(DIR)) if (file.endsWith('.png') && !wanted.has(file)) await rm(join(DIR, file));
  }, 240_000);
  afterAll(() => browser?.close());

  it.each(PICTURES.flatMap((picture) => LANGUAGES.map((language) => ({ ...picture, language }))))(
    '$name.$language.png',
    async ({ name, language, who, path, then, ...look }) => {
      const { page, go, close } = await visit(browser, console, who, { ...look, language });
      await go(path);
      await then?.(page);
      await page.evaluate('document.activeElement?.blur?.()');
      const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
      expect(png.length).toBeLessThan(250_000);
      await writeFile(join(DIR, `${name}.${language}.png`), png);
      await close(who === 'nobody' ? [/401/] : []);
    },
    120_000,
  );
});
