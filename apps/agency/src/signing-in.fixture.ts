// For tests of sign-in: a person and a browser, as far as cookies go.
import { type Role, totpCode } from '@avtala/access';
import { type Answer, PASSWORD, type RunningAgency, TOTP_SECRET } from './running-agency.fixture.js';
import { sandboxStaff } from './services/sandbox-staff.js';

export interface Person {
  readonly id: string;
  readonly email: string;
}

/** Keeps cookies as a browser would, and sends our own Origin. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly agency: RunningAgency) {}

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await this.agency.ask(method, path, {
      ...(body === undefined ? {} : { body }),
      headers: { origin: this.agency.baseUrl, cookie: this.cookieHeader, ...headers },
    });
    this.keep(answer.headers);
    return answer;
  }

  auth(path: string, body: unknown = {}): Promise<Answer> {
    return this.ask('POST', `/api/auth${path}`, body);
  }

  keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      if (/max-age=0(;|$)/i.test(line) || pair.length === at + 1) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get hasSession(): boolean {
    return this.cookies.has('__Host-avtala');
  }

  me(): Promise<Answer> {
    return this.ask('GET', '/api/v1/me');
  }

  /** @param step 1 = the next code, good already: each is good once. Not the one before: half a minute may end on the way, and then
   * it is two old and refused. */
  async enter(who: { email: string }, step: 0 | 1 = 0): Promise<this> {
    await this.auth('/sign-in/email', { email: who.email, password: PASSWORD });
    const proved = await this.auth('/two-factor/verify-totp', { code: totpCode(TOTP_SECRET, Date.now(), step) });
    if (proved.status !== 200) throw new Error(`could not sign in: ${JSON.stringify(proved.body)}`);
    return this;
  }
}

let people = 0;

/** A new person with password and TOTP. */
export async function personOf(agency: RunningAgency, role: Role = 'booker'): Promise<Person> {
  const account = { email: `human${++people}@agency.example`, name: `Human ${people}`, password: PASSWORD };
  const [id] = await sandboxStaff(agency.database.db(), agency.authSecret, [
    { ...account, role, totpSecret: TOTP_SECRET },
  ]);
  return { id: id!, email: account.email };
}

/** Somebody who has a password and has not set up anything else yet. */
export async function withPasswordOnly(agency: RunningAgency): Promise<Person> {
  const who = await personOf(agency);
  await agency.database.sql('delete from agency.auth_two_factor where "userId" = $1', [who.id]);
  await agency.database.sql('update agency.auth_user set "twoFactorEnabled" = false where id = $1', [who.id]);
  return who;
}

/** For a third sign-in of somebody within the half minute: what they typed may be typed again. */
export const codesForgotten = (agency: RunningAgency, who: Person) =>
  agency.database.sql('delete from agency.totp_used where user_id = $1', [who.id]);

/** Makes the last proof of this person's sessions sixteen minutes old. */
export const proofTooOld = (agency: RunningAgency, who: Person) =>
  agency.database.sql(
    `update agency.auth_session set auth_time = auth_time - interval '16 minutes' where "userId" = $1`,
    [who.id],
  );
