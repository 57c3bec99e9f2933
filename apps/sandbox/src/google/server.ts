import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClock } from '../clock/test-clock.js';
import type { Journal, Note } from '../journal.js';
import type { Misbehaviours } from '../misbehave.js';
import type { Tokens } from '../tokens.js';
import { match, parseJson, route, type Asked, type Reply, type Route } from '../web.js';
import { type Calendars } from './calendars.js';
import { Events, type CalendarCall } from './events.js';
import { freeBusy } from './free-busy.js';
import { BadEvent, googleError } from './google-error.js';

export const GOOGLE_MISBEHAVIOURS = [
  ...['429', '403-rate', '500', '503', 'timeout-after-commit', 'expired-token', 'invalid-grant'],
  ...['lies', 'slow', 'calendar-error', 'sync-expired'],
] as const;

const LIFETIME_S = 3599;
const LIST =
  'timeMin timeMax privateExtendedProperty iCalUID showDeleted maxResults pageToken singleEvents orderBy timeZone syncToken';
const WRITE = 'sendUpdates conferenceDataVersion maxAttendees supportsAttachments';

interface Operation {
  query: ReadonlySet<string>;
  run(call: CalendarCall): Promise<Reply>;
}

/** The Google Calendar stand-in and its token endpoint. */
export class GoogleServer {
  private readonly routes: readonly Route<Operation>[];
  private readonly recent = new Map<string, number[]>();

  /** @param perMinute requests each account may make, on real time */
  constructor(
    private readonly calendars: Calendars,
    private readonly clock: TestClock,
    private readonly tokens: Tokens,
    private readonly misbehaviours: Misbehaviours,
    private readonly journal: Journal,
    private readonly perMinute: number,
  ) {
    const events = new Events(calendars);
    const on = (method: string, template: string, query: string, run: Operation['run']) =>
      route<Operation>(method, template, {
        run,
        query: new Set([...query.split(' '), 'alt', 'prettyPrint', 'fields', 'quotaUser']),
      });
    const EVENTS = '/calendar/v3/calendars/{calendarId}/events';
    this.routes = [
      on('POST', EVENTS, WRITE, (c) => events.insert(c)),
      on('GET', EVENTS, LIST, (c) => events.list(c)),
      on('GET', `${EVENTS}/{eventId}`, 'timeZone maxAttendees', (c) => events.get(c)),
      on('PATCH', `${EVENTS}/{eventId}`, WRITE, (c) => events.patch(c)),
      on('PUT', `${EVENTS}/{eventId}`, WRITE, (c) => events.update(c)),
      on('DELETE', `${EVENTS}/{eventId}`, 'sendUpdates', (c) => events.remove(c)),
      on('POST', '/calendar/v3/freeBusy', '', (c) => freeBusy(calendars, c)),
      on('GET', '/calendar/v3/calendars/{calendarId}', '', (c) => this.calendar(c)),
      on('GET', '/calendar/v3/users/me/calendarList', 'maxResults pageToken', () => this.calendarList()),
    ];
  }

  handle(asked: Asked): Promise<Reply> {
    const found = match(this.routes, asked.method, asked.path);
    const template = asked.path === '/token' ? '/token' : (found?.[0].template ?? 'unknown');
    return this.journal.watch('google', asked, template, async (note) => {
      try {
        return await this.serve(asked, template, found, note);
      } catch (error) {
        if (!(error instanceof BadEvent)) throw error;
        note.verdict = 'contract-violation';
        note.violations = [error.rule];
        throw googleError(400, 'badRequest', `Bad Request: ${error.rule}`);
      }
    });
  }

  private async serve(
    asked: Asked,
    template: string,
    found: ReturnType<typeof match<Operation>>,
    note: Note,
  ): Promise<Reply> {
    const misbehave = (on: string, ...kinds: string[]) => {
      const taken = this.misbehaviours.take(on, kinds);
      if (taken) note.verdict = taken.kind;
      return taken;
    };
    const where = `${asked.method} ${template}`;
    const slow = misbehave(where, 'slow');
    if (slow) await sleep(slow.ms ?? 3_000);
    const ill = misbehave(where, '500', '503');
    if (ill) throw googleError(Number(ill.kind), 'backendError', 'Backend Error');
    if (template === '/token') return this.token(asked, misbehave(where, 'invalid-grant') !== undefined);
    const account = this.authenticate(asked, misbehave(where, 'expired-token') !== undefined);
    const limited = misbehave(where, '429', '403-rate');
    if (limited || !this.withinQuota(account)) {
      const code = limited?.kind === '403-rate' ? 403 : 429;
      throw googleError(code, 'rateLimitExceeded', 'Rate Limit Exceeded', 'usageLimits');
    }
    if (!found) throw new BadEvent('no such operation');
    const [{ run: operation }, params] = found;
    for (const name of asked.query.keys())
      if (!operation.query.has(name)) throw new BadEvent(`query parameter ${name} is not known`);
    const body =
      asked.text === '' ? undefined : parseJson(asked.text, () => googleError(400, 'parseError', 'Parse Error'));
    const reply = await operation.run({
      ...{ asked, params, body, at: this.clock.iso() },
      lies: () => misbehave(where, 'lies') !== undefined,
      expired: () => misbehave(where, 'sync-expired') !== undefined,
      broken: (calendarId) => misbehave(`${where} ${calendarId}`, 'calendar-error') !== undefined,
    });
    const late = asked.method === 'GET' ? undefined : misbehave(where, 'timeout-after-commit');
    return late ? { status: 0, drop: late.ms ?? 15_000 } : reply;
  }

  /** Refresh tokens are `sandbox-google-<account>`; real time, as with the vendor. */
  private token(asked: Asked, broken: boolean): Reply {
    const form = new URLSearchParams(asked.text);
    const refuse = (error: string): Reply => ({ status: 400, body: { error, error_description: 'Bad Request' } });
    if (!form.get('client_id') || !form.get('client_secret')) return refuse('invalid_client');
    if (form.get('grant_type') !== 'refresh_token') return refuse('unsupported_grant_type');
    const account = /^sandbox-google-([a-z0-9-]{1,80})$/.exec(form.get('refresh_token') ?? '')?.[1];
    if (!account || broken) return refuse('invalid_grant');
    const scope = 'https://www.googleapis.com/auth/calendar';
    const access = this.tokens.issue('google', account, LIFETIME_S);
    return { status: 200, body: { access_token: access, expires_in: LIFETIME_S, scope, token_type: 'Bearer' } };
  }

  private authenticate(asked: Asked, expired: boolean): string {
    const checked = this.tokens.check('google', asked.headers.authorization);
    if (typeof checked === 'object' && !expired) return checked.account;
    throw googleError(401, 'authError', 'Invalid Credentials');
  }

  private withinQuota(account: string): boolean {
    const now = Date.now();
    const recent = (this.recent.get(account) ?? []).filter((at) => at > now - 60_000);
    this.recent.set(account, recent);
    if (recent.length >= this.perMinute) return false;
    recent.push(now);
    return true;
  }

  private async calendar(call: CalendarCall): Promise<Reply> {
    const { id, timeZone } = await this.calendars.calendar(call.params['calendarId'] as string);
    return { status: 200, body: { kind: 'calendar#calendar', id, summary: id, timeZone } };
  }

  private async calendarList(): Promise<Reply> {
    const items = this.calendars.list().map(({ id, timeZone }) => ({
      kind: 'calendar#calendarListEntry',
      id,
      summary: id,
      timeZone,
      accessRole: 'owner',
    }));
    return { status: 200, body: { kind: 'calendar#calendarList', items } };
  }
}
