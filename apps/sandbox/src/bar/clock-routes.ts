import { Advance } from '../clock/advance.js';
import type { Controlled } from '../control.js';
import { bodyOf, refuse, type Handler } from '../control-words.js';
import { route, type Route } from '../web.js';
import { mailboxesOf } from './mail-routes.js';
import { switchesOf } from './vendor-routes.js';

const HOUR = 3_600_000;
/** Business times lie before it (libs/contracts, `isUsableInstant`). */
const LAST = Date.parse('2199-12-31T00:00:00Z');

/** The clock as the console moves it: a long way takes a while, so moving is begun, and how far it has come is asked. */
export function clockRoutes(c: Controlled): Route<Handler>[] {
  return [
    route<Handler>('GET', '/sandbox/state', async () => {
      const clock = c.advance.progress();
      const switchedOn = switchesOf(c).items.reduce((n, { on }) => n + on.length, 0);
      const mailboxes = mailboxesOf(c);
      return {
        now: c.clock.iso(),
        clock,
        // While it moves everybody is being asked already, and what is next changes with every step.
        next: clock.state === 'moving' ? null : ((await c.advance.next()) ?? null),
        mail: { messages: mailboxes.reduce((n, m) => n + m.messages, 0), mailboxes: mailboxes.length },
        misbehaving: switchedOn,
      };
    }),
    route<Handler>('POST', '/sandbox/clock', async (asked) => {
      const target = await targetOf(c, bodyOf(asked));
      const clock = c.advance.begin(target);
      return { status: 202, body: { now: c.clock.iso(), clock } };
    }),
  ];
}

/** @param order `{by: 'hour' | 'day' | 'next'}` or `{to: '2027-03-01T09:00:00Z'}` */
async function targetOf(c: Controlled, order: Record<string, unknown>): Promise<number> {
  const { by, to, ...more } = order;
  const invalid = () =>
    refuse(400, 'request-invalid', 'Say by: hour, day or next, or to: a moment with an offset before the year 2200');
  if (Object.keys(more).length || (by === undefined) === (to === undefined)) throw invalid();
  if (by === 'hour') return c.clock.now() + HOUR;
  if (by === 'day') return c.clock.now() + 24 * HOUR;
  if (by === 'next') {
    const next = await c.advance.next();
    if (!next) throw refuse(409, 'nothing-planned', 'Nothing is planned: there is no next deadline');
    return Math.max(Advance.endOf(next), c.clock.now());
  }
  const moment = typeof to === 'string' && /(Z|[+-]\d{2}:\d{2})$/.test(to) ? Date.parse(to) : Number.NaN;
  if (!(moment <= LAST)) throw invalid();
  return moment;
}
