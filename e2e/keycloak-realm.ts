import { randomUUID } from 'node:crypto';
import type { Keycloak } from './keycloak-server.js';

export const CLIENT_SECRET = 'sandbox-client-secret';
export const PASSWORD = 'tulip-harbour-ledger-9';
export const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
/** The acr by which this realm says "two factors". */
export const TWO_FACTORS = 'two-factors';

export interface Realm {
  readonly name: string;
  readonly issuer: string;
}

/** A realm with our client, somebody with a password and somebody with an authenticator app too, whose use it says in `acr`. */
export async function makeRealm(keycloak: Keycloak, callback: string, signedOut: string): Promise<Realm> {
  const name = `agency-${randomUUID().slice(0, 8)}`;
  await keycloak.admin('POST', '', {
    realm: name,
    enabled: true,
    sslRequired: 'none',
    ...OTP_POLICY,
    attributes: { 'acr.loa.map': JSON.stringify({ 'one-factor': 1, [TWO_FACTORS]: 2 }) },
    clients: [
      {
        clientId: 'avtala',
        secret: CLIENT_SECRET,
        redirectUris: [callback],
        standardFlowEnabled: true,
        directAccessGrantsEnabled: false,
        attributes: { 'pkce.code.challenge.method': 'S256', 'post.logout.redirect.uris': signedOut },
      },
    ],
    users: [person('one.factor', []), person('two.factors', [TOTP])],
  });
  await askForCodeAtLevelTwo(keycloak, name);
  return { name, issuer: `${keycloak.url}/realms/${name}` };
}

/** A code may be used again: some sign in several times within half a minute. Without its type the rest of a policy is not read. */
const OTP_POLICY = {
  otpPolicyType: 'totp',
  otpPolicyAlgorithm: 'HmacSHA1',
  otpPolicyDigits: 6,
  otpPolicyInitialCounter: 0,
  otpPolicyLookAheadWindow: 1,
  otpPolicyPeriod: 30,
  otpPolicyCodeReusable: true,
};

const TOTP = {
  type: 'otp',
  secretData: JSON.stringify({ value: TOTP_SECRET }),
  credentialData: JSON.stringify({
    subType: 'totp',
    digits: 6,
    counter: 0,
    period: 30,
    algorithm: 'HmacSHA1',
    secretEncoding: 'BASE32',
  }),
};

const person = (username: string, more: object[]) => ({
  username,
  email: `${username}@login.example`,
  emailVerified: true,
  firstName: 'Person',
  lastName: username,
  enabled: true,
  credentials: [{ type: 'password', value: PASSWORD, temporary: false }, ...more],
});

/** Keycloak says a level only where a condition in the flow has it: a copy of its browser flow gets one before the code. */
async function askForCodeAtLevelTwo(keycloak: Keycloak, realm: string): Promise<void> {
  await keycloak.admin('POST', `/${realm}/authentication/flows/browser/copy`, { newName: 'levels' });
  type Execution = { id: string; displayName: string; providerId?: string; authenticationFlow?: boolean };
  const executions = async () =>
    (await keycloak.admin('GET', `/${realm}/authentication/flows/levels/executions`)) as Execution[];
  const conditional = (await executions()).find(
    (e) => e.authenticationFlow && /conditional 2fa|conditional otp/i.test(e.displayName),
  )!;
  const flow = encodeURIComponent(conditional.displayName);
  await keycloak.admin('POST', `/${realm}/authentication/flows/${flow}/executions/execution`, {
    provider: 'conditional-level-of-authentication',
  });
  const condition = (await executions()).find((e) => e.providerId === 'conditional-level-of-authentication')!;
  await keycloak.admin('POST', `/${realm}/authentication/executions/${condition.id}/config`, {
    alias: 'level two',
    config: { 'loa-condition-level': '2', 'loa-max-age': '36000' },
  });
  await keycloak.admin('PUT', `/${realm}/authentication/flows/levels/executions`, {
    ...condition,
    requirement: 'REQUIRED',
  });
  await keycloak.admin('PUT', `/${realm}`, { browserFlow: 'levels' });
}

/** A browser at the provider's pages, as far as forms and cookies go. */
export class ProviderPages {
  private readonly cookies = new Map<string, string>();

  /** Signs in there. @returns where the browser is sent back to, and which forms it filled in */
  async signIn(url: string, username: string, code: () => string): Promise<{ back: URL; forms: string[] }> {
    const forms: string[] = [];
    let answer = await this.go(url);
    for (let step = 0; step < 4 && !answer.location; step++) {
      const action = /<form[^>]*action="([^"]+)"/.exec(answer.text)?.[1]?.replaceAll('&amp;', '&');
      if (!action) throw new Error(`no form after ${forms.join(', ')}`);
      const otp = /name="otp"/.test(answer.text);
      forms.push(otp ? 'otp' : 'password');
      const chosen = /name="selectedCredentialId" value="([^"]+)"/.exec(answer.text)?.[1];
      const form = new URLSearchParams(otp ? { otp: code() } : { username, password: PASSWORD });
      if (otp && chosen) form.set('selectedCredentialId', chosen);
      answer = await this.go(action, form);
    }
    if (!answer.location) throw new Error(`not sent back after ${forms.join(', ')}`);
    return { back: new URL(answer.location), forms };
  }

  async go(url: string, form?: URLSearchParams): Promise<{ location: string | null; text: string }> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie },
      ...(form ? { body: form } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      if (/max-age=0(;|$)/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { location: response.headers.get('location'), text: await response.text() };
  }
}
