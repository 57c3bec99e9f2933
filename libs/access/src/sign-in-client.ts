import { SESSION_COOKIE } from './session-cookie.js';
import { totpCode } from './totp.js';

export interface SignIn {
  /** Where the system answers, e.g. `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  readonly email: string;
  readonly password: string;
  /** Base32, as printed for the sandbox's accounts. */
  readonly totpSecret: string;
}

/** Signs a headless client in (demo, end-to-end tests). A code works once, so a second sign-in within half a minute takes the
 * neighbouring step's code, which is accepted for clocks that differ, and then waits for a new one.
 * @returns the Cookie header, and with `headers` also the Origin that requests which change something must carry
 * @throws Error with the status and code of the answer */
export async function signIn(who: SignIn): Promise<{ cookie: string; headers: { cookie: string; origin: string } }> {
  const origin = new URL(who.baseUrl).origin;
  let refused = '';
  for (const step of [0, 1, -1, 'wait', 0, 1] as const) {
    if (step === 'wait') {
      await new Promise((done) => setTimeout(done, 30_100 - (Date.now() % 30_000)));
      continue;
    }
    const asked = await post(`${origin}/api/auth/sign-in/email`, origin, undefined, {
      email: who.email,
      password: who.password,
    });
    const proved = await post(`${origin}/api/auth/two-factor/verify-totp`, origin, cookies(asked), {
      code: totpCode(who.totpSecret, Date.now(), step),
    });
    const cookie = cookies(proved)
      .split('; ')
      .find((pair) => pair.startsWith(`${SESSION_COOKIE}=`) && pair.length > SESSION_COOKIE.length + 1);
    if (proved.ok && cookie) return { cookie, headers: { cookie, origin } };
    refused = `${proved.status} ${await proved.text()}`;
    if (proved.status !== 401) break;
  }
  throw new Error(`Sign-in was refused: ${refused}`);
}

async function post(url: string, origin: string, cookie: string | undefined, body: object): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, ...(cookie ? { cookie } : {}) },
    body: JSON.stringify(body),
  });
  if (!response.ok && url.endsWith('/sign-in/email')) {
    throw new Error(`Sign-in was refused: ${response.status} ${await response.text()}`);
  }
  return response;
}

const cookies = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0]!)
    .join('; ');
