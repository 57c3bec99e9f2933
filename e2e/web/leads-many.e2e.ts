import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import type { Api } from './api.js';
import { openBrowser, visit } from './browser.js';
import { type Console, describeInBrowser, theConsole } from './console.js';
import { newEngagement } from './desk-world.js';
import { takeIn } from './world.js';

const ROWS = 10_000;

describeInBrowser('many leads', () => {
  let console: Console;
  let browser: Browser;
  let supervisor: Api;
  beforeAll(async () => {
    console = await theConsole();
    supervisor = await console.as('supervisor');
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it('what is done with many says how many it will not touch and why, asks for a reason that names nobody, and then does it', async () => {
    const engagementId = await newEngagement(console, { name: 'Många', bookers: 0 });
    const [restricted] = await takeIn(await console.as('admin'), engagementId, 4000, 3);
    expect((await supervisor.ask('PATCH', `/api/v1/leads/${restricted}`, { restricted: true })).status).toBe(200);
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(`/leads?engagement=${engagementId}`);
    await page.getByRole('grid', { name: 'Leads' }).locator('[data-index="0"]').focus();
    for (const key of ['Space', 'Shift+ArrowDown', 'Shift+ArrowDown']) await page.keyboard.press(key);
    await page.getByText('3 valda').waitFor();
    await page.getByRole('toolbar').getByRole('button', { name: 'Stäng' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 av 3 berörs.').waitFor();
    await dialog.getByText('1 rörs inte:').waitFor();
    await dialog.getByText('begränsade, får inte röras').waitFor();
    await dialog.getByLabel('Skäl').fill('Åsa 900101-9802');
    await page.keyboard.press('Enter');
    await dialog.getByText('Skälet får inte innehålla').waitFor();
    await dialog.getByRole('button', { name: 'Fel urval' }).press('Enter');
    await dialog.getByRole('button', { name: 'Stäng 2' }).press('Enter');
    await page.getByText('2 leads stängda').waitFor({ timeout: 20_000 });
    await close();
  }, 60_000);

  it('ten thousand rows scroll: a frame takes at most 20 ms of the page’s thread at p95, and End is the last', async () => {
    const engagementId = await newEngagement(console, { name: 'Tiotusen', bookers: 0 });
    await importRows(console, supervisor, engagementId);
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(`/leads?engagement=${engagementId}`);
    const grid = page.getByRole('grid', { name: 'Leads' });
    await grid.locator('[data-index="5"]').waitFor();
    await page.evaluate(scroll(60)); // what is compiled once is no frame's cost
    let best = Infinity;
    for (let i = 0; i < 3 && best > 20; i++) {
      await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
      await page.evaluate(scroll(240));
      const frames = cpuOfFrames((await browser.stopTracing()).toString());
      expect(frames.length).toBeGreaterThan(200);
      const sorted = frames.toSorted((a, b) => a - b);
      const [median, p95] = [sorted[Math.floor(sorted.length / 2)]!, sorted[Math.ceil(sorted.length * 0.95) - 1]!];
      process.stdout.write(`\n10,000 leads, ms of CPU a frame: median ${median.toFixed(1)}, p95 ${p95.toFixed(1)}\n`);
      best = Math.min(best, p95); // a core that is shared runs slower for a while, whatever the page does
    }
    expect(best).toBeLessThanOrEqual(20);

    await grid.locator('[data-index="2"]').focus();
    await page.keyboard.press('End');
    const last = grid.locator(`[aria-rowindex="${ROWS + 1}"]:not([aria-busy])`);
    await last.waitFor();
    expect(await last.evaluate((row) => row === row.ownerDocument.activeElement)).toBe(true);
    await close();
  }, 120_000);
});

async function importRows(console: Console, supervisor: Api, engagementId: string): Promise<void> {
  const no = randomUUID().slice(0, 8);
  const lines = Array.from({ length: ROWS }, (_, i) => `Namn${i} Efter${i % 97};Bolag ${i % 400} AB;VD;p${i}@stor-${no}.example`); // prettier-ignore
  const response = await fetch(`${console.url}/api/v1/engagements/${engagementId}/imports`, {
    method: 'POST',
    headers: {
      ...{ cookie: supervisor.cookie, origin: new URL(console.url).origin },
      ...{ 'idempotency-key': randomUUID(), 'content-type': 'text/csv' },
    },
    body: ['Namn;Företag;Titel;E-post', ...lines].join('\n'),
  });
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as { id: string };
  const mapping = { Namn: 'name', Företag: 'company', Titel: 'title', 'E-post': 'email' };
  await supervisor.post(`/api/v1/imports/${id}/confirm`, { source: 'Bolagsregister', ground: 'legitimate-interest', mapping }); // prettier-ignore
  for (let attempt = 0; ; attempt++) {
    const { state, accepted } = await supervisor.get<{ state: string; accepted: number }>(`/api/v1/imports/${id}`);
    if (state === 'done') return expect(accepted).toBe(ROWS);
    expect(attempt).toBeLessThan(400);
    await new Promise((r) => setTimeout(r, 150));
  }
}

/** As fast as a wheel is turned: four or five new rows with every frame. */
const scroll = (frames: number) => `new Promise((resolve) => {
  const scroller = document.querySelector('[role=grid]').parentElement;
  let n = 0;
  const step = () => {
    scroller.scrollTop += 160;
    if (++n < ${frames}) requestAnimationFrame(step);
    else { scroller.scrollTop = 0; resolve(); }
  };
  requestAnimationFrame(step);
})`;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** Microseconds of CPU. */
  readonly tdur?: number;
}

/** What the page's own thread did from one frame to the next: script, style, layout, paint and commit. Its CPU time, not the wall's: here
 * Chromium draws with the processor as well, and how long a frame waits for that, or for a neighbour, is the machine's. @returns milliseconds */
function cpuOfFrames(trace: string): number[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const threads = Map.groupBy(
    traceEvents.filter((e) => e.name === 'FireAnimationFrame'),
    (e) => `${e.pid} ${e.tid}`,
  );
  const [thread, fired] = [...threads].toSorted((a, b) => b[1].length - a[1].length)[0]!;
  const starts = fired.map((e) => e.ts).toSorted((a, b) => a - b);
  const frames = starts.map(() => 0);
  for (const e of traceEvents) {
    if (e.tdur === undefined || e.name !== 'ThreadControllerImpl::RunTask' || `${e.pid} ${e.tid}` !== thread) continue;
    const frame = starts.findLastIndex((start) => start <= e.ts);
    if (frame >= 0) frames[frame]! += e.tdur / 1000;
  }
  return frames.slice(0, -1); // the last goes back to the top
}
