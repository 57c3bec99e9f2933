import { expect } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Console, Role } from './console.js';

const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage';

export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly language?: 'sv' | 'en';
  readonly width?: number;
  readonly height?: number;
}

/** A browser of a suite. */
export async function openBrowser(console: Console): Promise<Browser> {
  return chromium.launch({ executablePath: console.chromium, args: FLAGS.split(' ') });
}

/** A page of one person, watched: what it reports to the console, what its policy refuses, and what is thrown in it, is kept. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  go(path: string): Promise<void>;
  /** Fails when anything was reported that `except` does not name; called by `close`. */
  quiet(except?: readonly RegExp[]): void;
  close(except?: readonly RegExp[]): Promise<void>;
}

/** An empty page has no storage. */
export const inLanguage = (language: 'sv' | 'en') =>
  `if (origin !== 'null') localStorage.setItem('avtala.language', '${language}')`;

/** @param who nobody, or whose session the page has from the beginning */
export async function visit(
  browser: Browser,
  console: Console,
  who: Role | 'nobody' | readonly [Role, number],
  look: Look = {},
): Promise<Visit> {
  const { scheme = 'light', language = 'sv', width = 1440, height = 900 } = look;
  const context = await browser.newContext({
    baseURL: console.url,
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce', // half a transition is in no picture, and axe measures no fading colour
    locale: 'sv-SE',
    timezoneId: 'America/New_York', // no time may ever be the computer's own
  });
  await context.addInitScript(inLanguage(language));
  await context.addInitScript(
    `addEventListener('securitypolicyviolation', (e) => console.error('csp: ' + e.effectiveDirective + ' refused ' + e.blockedURI))`,
  );
  // There is no telephone here, and Chromium's own question which program to dial with takes no more keys for the page.
  await context.addInitScript(
    `addEventListener('click', (e) => { if (e.target.closest?.('a[href^="tel:"]')) e.preventDefault(); })`,
  );
  if (who !== 'nobody') {
    const [role, n] = typeof who === 'string' ? [who, 1] : who;
    // `__Host-` needs an address with TLS here; the browser itself trusts localhost.
    await context.addCookies([
      {
        ...(await console.session(role, n)),
        url: console.url.replace('http:', 'https:'),
        httpOnly: true,
        secure: true,
      },
    ]);
  }
  const page = await context.newPage();
  const reported: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') reported.push(message.text());
  });
  page.on('pageerror', (error) => reported.push(`thrown: ${error.message}`));
  const quiet = (except: readonly RegExp[] = []) =>
    expect(reported.filter((text) => !except.some((e) => e.test(text)))).toEqual([]);
  return {
    page,
    context,
    go: async (path) => {
      await page.goto(path);
      await settled(page);
    },
    quiet,
    close: async (except) => {
      quiet(except);
      await context.close();
    },
  };
}

/** Until the page has its h1 and its font, and nothing on it is waited for. Not "no traffic": the live stream never ends. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.evaluate('document.fonts.ready.then(() => true)');
  // Not waitForFunction: it polls by eval, which the page's policy refuses.
  while (await page.locator('[aria-busy="true"]').count()) await page.waitForTimeout(50);
}
