import type { Advance } from './clock/advance.js';
import type { Participants } from './clock/participants.js';
import type { TestClock } from './clock/test-clock.js';
import type { Calendars } from './google/calendars.js';
import type { HubSpotControl } from './hubspot/control.js';
import type { Journal } from './journal.js';
import { parsed, type Mailboxes } from './mail/mailboxes.js';
import type { Misbehaviours } from './misbehave.js';
import type { SalesforceControl } from './salesforce/control.js';
import { clockRoutes as barClock } from './bar/clock-routes.js';
import { mailRoutes as barMail } from './bar/mail-routes.js';
import { vendorRoutes as barVendors } from './bar/vendor-routes.js';
import { bodyOf, refuse, type Handler } from './control-words.js';
import { match, route, type Asked, type Reply, type Route } from './web.js';

/** What the control API speaks for. */
export interface Controlled {
  clock: TestClock;
  advance: Advance;
  participants: Participants;
  journal: Journal;
  hubspot: HubSpotControl;
  salesforce: SalesforceControl;
  calendars: Calendars;
  mailboxes: Mailboxes;
  misbehaviours: Readonly<Record<'hubspot' | 'salesforce' | 'google' | 'mail', Misbehaviours>>;
}

/** What a person can open in a browser. */
const LOOK = ['/clock', '/mailboxes', '/invites', '/hubspot/state', '/salesforce/state', '/google/state', '/journal'];

/** The control API: clock, seeds, switches and dumps. Loopback only, no sign-in: it is no part of any stand-in. */
export function controlHandler(c: Controlled): (asked: Asked) => Promise<Reply> {
  const routes = [
    ...clockRoutes(c),
    ...standInRoutes(c),
    ...mailRoutes(c),
    ...barClock(c),
    ...barMail(c),
    ...barVendors(c),
  ];
  const front = { look: LOOK, change: 'apps/sandbox/README.md lists what can be set, seeded and made to misbehave' };
  routes.push(route<Handler>('GET', '/', () => front));
  return async (asked) => {
    const found = match(routes, asked.method, asked.path);
    if (!found) throw refuse(404, 'not-found', 'No such path; see the README of apps/sandbox');
    const body = await found[0].run(asked, found[1]);
    return isReply(body) ? body : { status: 200, body };
  };
}

function clockRoutes(c: Controlled): Route<Handler>[] {
  return [
    route<Handler>('GET', '/clock', () => ({ now: c.clock.iso(), offsetMs: c.clock.offsetMs })),
    route<Handler>('PUT', '/clock', (asked) => {
      const { now } = bodyOf(asked);
      const target = typeof now === 'string' && /(Z|[+-]\d{2}:\d{2})$/.test(now) ? Date.parse(now) : Number.NaN;
      if (Number.isNaN(target)) throw refuse(400, 'invalid-moment', 'now must be an RFC 3339 moment with an offset');
      return c.advance.to(target);
    }),
    route<Handler>('GET', '/participants', () => c.participants.list()),
    route<Handler>('POST', '/participants', async (asked) => {
      const { name, dueUrl } = bodyOf(asked);
      if (typeof name !== 'string' || !/^[\w -]{1,60}$/.test(name))
        throw refuse(400, 'invalid-name', 'name is missing');
      if (typeof dueUrl !== 'string' || !URL.canParse(dueUrl)) throw refuse(400, 'invalid-url', 'dueUrl is no address');
      await c.participants.register(name, dueUrl);
      return { now: c.clock.iso(), offsetMs: c.clock.offsetMs };
    }),
    route<Handler>('DELETE', '/participants/{name}', async (_, { name }) => {
      await c.participants.leave(name as string);
      return { status: 204 };
    }),
  ];
}

function standInRoutes(c: Controlled): Route<Handler>[] {
  const switches = (['hubspot', 'salesforce', 'google', 'mail'] as const).flatMap((name) => [
    route<Handler>('GET', `/${name}/misbehave`, () => c.misbehaviours[name].pending()),
    route<Handler>('POST', `/${name}/misbehave`, (asked) => {
      try {
        return c.misbehaviours[name].add(bodyOf(asked));
      } catch (error) {
        if (error instanceof RangeError) throw refuse(400, 'invalid-misbehaviour', error.message);
        throw error;
      }
    }),
    route<Handler>('DELETE', `/${name}/misbehave`, () => {
      c.misbehaviours[name].clear();
      return { status: 204 };
    }),
  ]);
  return [
    ...switches,
    route<Handler>('GET', '/journal', ({ query }) => ({
      contractViolations: {
        hubspot: c.journal.contractViolations('hubspot'),
        salesforce: c.journal.contractViolations('salesforce'),
        google: c.journal.contractViolations('google'),
      },
      entries: c.journal.list({ standIn: query.get('standIn') ?? '', verdict: query.get('verdict') ?? '' }),
    })),
    route<Handler>('GET', '/hubspot/state', ({ query }) => c.hubspot.state(query.get('portalId'))),
    route<Handler>('POST', '/hubspot/seed', (asked) => c.hubspot.seed(bodyOf(asked))),
    route<Handler>('POST', '/hubspot/edit', (asked) => c.hubspot.edit(bodyOf(asked))),
    route<Handler>('POST', '/hubspot/merge', (asked) => c.hubspot.merge(bodyOf(asked))),
    route<Handler>('POST', '/hubspot/erase', (asked) => c.hubspot.erase(bodyOf(asked))),
    route<Handler>('POST', '/hubspot/spend', (asked) => c.hubspot.spend(bodyOf(asked))),
    route<Handler>('POST', '/hubspot/settings', (asked) => c.hubspot.settings(bodyOf(asked))),
    route<Handler>('GET', '/salesforce/state', ({ query }) => c.salesforce.state(query.get('org'))),
    ...(['seed', 'edit', 'convert', 'merge', 'settings', 'register', 'revoke'] as const).map((act) =>
      route<Handler>('POST', `/salesforce/${act}`, (asked) => c.salesforce[act](bodyOf(asked))),
    ),
    route<Handler>('GET', '/google/state', () => ({
      calendars: c.calendars.list(),
      events: c.calendars.all().map(({ calendarId, resource }) => ({ calendarId, ...resource })),
      notified: c.calendars.notified,
      contractViolations: c.journal.contractViolations('google'),
    })),
    route<Handler>('POST', '/google/seed', (asked) => {
      const { calendarId, timeZone, busy, unreadable } = bodyOf(asked);
      if (typeof calendarId !== 'string') throw refuse(400, 'invalid-calendar', 'calendarId is missing');
      return c.calendars.change(calendarId, {
        ...(typeof timeZone === 'string' ? { timeZone } : {}),
        ...(Array.isArray(busy) ? { busy: busy as { start: string; end: string }[] } : {}),
        ...(typeof unreadable === 'boolean' ? { unreadable } : {}),
      });
    }),
  ];
}

function mailRoutes(c: Controlled): Route<Handler>[] {
  return [
    route<Handler>('GET', '/mailboxes', () => c.mailboxes.list()),
    route<Handler>('GET', '/invites', () => c.mailboxes.invites()),
    route<Handler>('GET', '/mailboxes/{address}', async (_, { address = '' }) => {
      const messages = await Promise.all(
        c.mailboxes.messages(address).map(async ({ number, sha256, bytes }) => {
          const raw = (await c.mailboxes.raw(address, number)) as Buffer;
          return { number, sha256, bytes, raw: raw.toString('base64'), parsed: await parsed(raw) };
        }),
      );
      return { address, messages };
    }),
    route<Handler>('GET', '/mailboxes/{address}/{number}', async (_, { address = '', number }) => {
      const raw = await c.mailboxes.raw(address, Number(number));
      if (!raw) throw refuse(404, 'not-found', 'No such message');
      return { status: 200, raw, headers: { 'content-type': 'message/rfc822' } };
    }),
  ];
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && typeof (value as Reply).status === 'number';
}
