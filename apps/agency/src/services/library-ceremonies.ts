import { Injectable } from '@nestjs/common';
import { AccessOptions, type Principal, SESSION_COOKIE } from '@avtala/access';
import { log } from '@avtala/observability';
import { CeremonyRefused } from '../domain/errors.js';
import type { Answered, Asked, Ceremonies, Who } from './auth-door.js';
import { PeopleService } from './people.service.js';
import { requireGoodPassword } from './passwords.js';
import { SignIn } from './sign-in.js';
import { SignInThrottle } from './sign-in-throttle.js';

/** What of the library is open, to whom, and which fields may come. Everything else it offers (sign-up, trusting a device, switching the
 * second factor off, codes by mail, changing an address) is not there. */
const OPEN: Readonly<Record<string, { who: Who; fields: readonly string[]; optional?: true }>> = {
  'POST /sign-in/email': { who: 'anyone', fields: ['email', 'password'] },
  'GET /get-session': { who: 'anyone', fields: [] },
  'POST /two-factor/verify-totp': { who: 'anyone', fields: ['code'] },
  // Optional for people who have none and come through the identity provider; the library asks everybody else for it.
  'POST /two-factor/enable': { who: 'enrolling', fields: ['password'], optional: true },
  'POST /change-password': { who: 'two-factor', fields: ['currentPassword', 'newPassword'] },
  'GET /list-sessions': { who: 'two-factor', fields: [] },
  'POST /revoke-other-sessions': { who: 'two-factor', fields: [] },
};

/** Ceremonies of better-auth, with our own rules on fields, passwords and tries around them (docs/security.md §1.3). */
@Injectable()
export class LibraryCeremonies implements Ceremonies {
  readonly open = Object.fromEntries(Object.entries(OPEN).map(([route, { who }]) => [route, who]));

  constructor(
    private readonly library: SignIn,
    private readonly throttle: SignInThrottle,
    private readonly people: PeopleService,
    private readonly options: AccessOptions,
  ) {}

  async answer(route: string, asked: Asked, caller: Principal | undefined): Promise<Answered> {
    const { fields, optional = false } = OPEN[route]!;
    const body = asked.method === 'POST' ? onlyText(asked.body, fields, optional) : undefined;
    if (route === 'POST /change-password') await this.requireGood(caller!, body!['newPassword'] ?? '');
    const tried = countedAs(route, asked, body, caller);
    if (tried) await this.throttle.before(tried, asked.address);

    const answer = await this.library.answer(this.request(asked, caller !== undefined, withDefaults(route, body)));
    const said = (await answer.json().catch(() => null)) as Record<string, unknown> | null;
    if (answer.status >= 400) {
      const code = kebab(said?.['code']);
      if (tried && answer.status === 401) await this.throttle.failed(asked.address);
      log.warn('sign-in.refused', { code, status: answer.status });
      throw new CeremonyRefused(answer.status, code);
    }
    if (tried) await this.throttle.succeeded(tried, asked.address);
    return { status: answer.status, body: withoutSecrets(said), cookies: answer.headers.getSetCookie() };
  }

  private async requireGood(caller: Principal, password: string): Promise<void> {
    const { name, email } = await this.people.nameOf(caller.userId);
    requireGoodPassword(password, [email, name]);
  }

  /** A session we hold for over is not shown to the library: it knows nothing of idle times. */
  private request(asked: Asked, sessionAlive: boolean, body: object | undefined): Request {
    const origin = this.options.ownOrigins[0] ?? `http://${asked.headers.host ?? 'localhost'}`;
    const cookies = (asked.headers.cookie ?? '')
      .split(/; */)
      .filter((pair) => pair !== '' && (sessionAlive || !pair.startsWith(`${SESSION_COOKIE}=`)));
    const headers = new Headers({ host: new URL(origin).host });
    if (asked.headers.origin) headers.set('origin', asked.headers.origin);
    if (cookies.length) headers.set('cookie', cookies.join('; '));
    if (body) headers.set('content-type', 'application/json');
    return new Request(new URL(`/api/auth${asked.path}`, origin), {
      method: asked.method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }
}

/** Only the fields a ceremony needs, and only text: `trustDevice`, `callbackURL` and the like never reach the library.
 * @throws CeremonyRefused fields-invalid */
export function onlyText(body: unknown, fields: readonly string[], optional = false): Record<string, string> {
  const given: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const unknown = Object.keys(given).some((name) => !fields.includes(name));
  const wrong = fields.some((name) => typeof given[name] !== 'string' && !(optional && given[name] === undefined));
  if (unknown || wrong) throw new CeremonyRefused(400, 'fields-invalid');
  return given as Record<string, string>;
}

function withDefaults(route: string, body: Record<string, string> | undefined): object | undefined {
  if (route === 'POST /change-password') return { ...body, revokeOtherSessions: true };
  if (route === 'POST /two-factor/enable') return { ...body, method: 'totp' };
  return body;
}

/** What tries are counted by: the account for passwords; for codes the person who is signed in, or the challenge. */
function countedAs(
  route: string,
  asked: Asked,
  body: Record<string, string> | undefined,
  caller: Principal | undefined,
): string | undefined {
  if (route === 'POST /sign-in/email') return body!['email'];
  if (route !== 'POST /two-factor/verify-totp') return undefined;
  return codeCountedAs(asked, caller);
}

/** Codes of an app and recovery codes are counted together. */
export function codeCountedAs(asked: Asked, caller: Principal | undefined): string {
  const challenge = /__Host-avtala\.two_factor=([^;]*)/.exec(asked.headers.cookie ?? '')?.[1];
  return `code ${caller?.userId ?? challenge ?? ''}`;
}

/** The raw session token stays out of scripts' reach, and the library's own recovery codes are not used (ours are hashed). */
function withoutSecrets(said: Record<string, unknown> | null): unknown {
  if (Array.isArray(said)) return said.map(({ token: _token, ...session }) => session);
  if (!said) return said;
  const { token: _token, backupCodes: _codes, session, ...rest } = said;
  if (typeof session !== 'object' || session === null) return rest;
  const { token: _inner, ...safe } = session as Record<string, unknown>;
  return { ...rest, session: safe };
}

const kebab = (code: unknown): string =>
  typeof code === 'string' ? code.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-') : 'refused';
