import { describe } from '@jest/globals';
import { signIn } from '@avtala/access';
import type { sandboxSignIns } from '@avtala/all-in-one';
import { readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Api } from './api.js';

export type Role = 'booker' | 'supervisor' | 'dpo' | 'admin' | 'client';
type Staff = Awaited<ReturnType<typeof sandboxSignIns>>[number];

export interface SeededEngagement {
  readonly id: string;
  readonly clientId: string;
  readonly meetingTypeId: string;
  readonly hosts: readonly {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    readonly calendarId: string;
  }[];
}

/** What all browser suites of a run share (tools/web-console.mjs). */
interface Shared {
  readonly url: string;
  /** Control address of the sandbox: clock, mailboxes, stand-ins. */
  readonly sandbox: string;
  readonly dir: string;
  readonly log: string;
  readonly dataUrl: string;
  readonly staff: readonly Staff[];
  readonly seeded: {
    readonly clients: readonly { readonly id: string; readonly name: string }[];
    readonly engagements: readonly SeededEngagement[];
  };
  readonly chromium: string;
}

/** The running system, and everybody's session in it. Shared by every suite of the run, so a suite makes the leads it changes by itself,
 * and moves the clock by no more than minutes; one that needs months starts a console of its own (`ownConsole`). */
export interface Console extends Shared {
  as(role: Role, n?: number): Promise<Api>;
  /** The session cookie; one sign-in a run, since a code of an authenticator is good once. */
  session(role: Role, n?: number): Promise<{ readonly name: string; readonly value: string }>;
  account(role: Role, n?: number): Staff;
}

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const here = existsSync(CHROMIUM);
if (!here && process.env['CI']) throw new Error('Browser tests need Chromium (apt install chromium)');

/** `describe` where there is a browser; elsewhere its tests count as skipped, and one line says why. */
export const describeInBrowser: typeof describe | typeof describe.skip = here ? describe : describe.skip;
if (!here) console.error('Browser tests are skipped: they need Chromium (apt install chromium)');

/** Starts it at the first suite's request, a minute at most. */
export async function theConsole(): Promise<Console> {
  const door = process.env['AVTALA_TEST_WEB']!;
  const shared = (await (await fetch(door)).json()) as Shared & { readonly problem?: string };
  if (shared.problem) throw new Error(`The console could not be started: ${shared.problem}`);
  return consoleOf(shared);
}

/** A console of the suite's own, whose clock nobody else looks at; `stop` takes it down with its databases. */
export async function ownConsole(): Promise<Console & { stop(): Promise<void> }> {
  const tool = (await import(resolve('tools/web-console.mjs'))) as {
    startWebConsole(environment?: Record<string, string>): Promise<{ answer(): Shared; stop(): Promise<void> }>;
  };
  const { answer, stop } = await tool.startWebConsole();
  return { ...consoleOf(answer()), stop };
}

function consoleOf(shared: Shared): Console {
  const account = (role: Role, n = 1): Staff => {
    const found = shared.staff.filter((s) => s.role === role)[n - 1];
    if (!found) throw new Error(`The sandbox has no ${role} number ${n}`);
    return found;
  };
  const cookieOf = async (role: Role, n = 1): Promise<string> => {
    const file = join(shared.dir, `session-${role}-${n}`);
    const known = await readFile(file, 'utf8').catch(() => undefined);
    if (known) {
      const me = await fetch(`${shared.url}/api/v1/me`, { headers: { cookie: known } });
      if (me.ok) return known;
    }
    const { cookie } = await signIn({ baseUrl: shared.url, ...account(role, n) });
    await writeFile(file, cookie, { mode: 0o600 });
    return cookie;
  };
  return {
    ...shared,
    account,
    as: async (role, n = 1) => new Api(shared.url, await cookieOf(role, n)),
    session: async (role, n = 1) => {
      const cookie = await cookieOf(role, n);
      const at = cookie.indexOf('=');
      return { name: cookie.slice(0, at), value: cookie.slice(at + 1) };
    },
  };
}
