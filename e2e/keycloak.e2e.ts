import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '@avtala/access';
import { freePort } from '@avtala/all-in-one';
import { type AgencyAlone, startAgencyAlone } from './agency-alone.js';
import { CLIENT_SECRET, makeRealm, ProviderPages, type Realm, TOTP_SECRET, TWO_FACTORS } from './keycloak-realm.js';
import { type Keycloak, KeycloakUnavailable, startKeycloak } from './keycloak-server.js';

const keycloak = await startKeycloak().catch((error: unknown) => {
  if (process.env.CI || !(error instanceof KeycloakUnavailable)) throw error;
  console.error(`Tests with Keycloak are skipped: ${error.message}`);
  return undefined;
});

(keycloak ? describe : describe.skip)('a real Keycloak', () => {
  let agency: AgencyAlone;
  let realm: Realm;
  const provider = keycloak as Keycloak;

  beforeAll(async () => {
    const port = await freePort(23_000);
    const origin = `http://localhost:${port}`;
    realm = await makeRealm(provider, `${origin}/api/auth/provider/callback`, `${origin}/sign-in`);
    agency = await startAgencyAlone({
      PORT: String(port),
      OIDC_ISSUER: realm.issuer,
      OIDC_CLIENT_ID: 'avtala',
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_MFA_ACR: TWO_FACTORS,
      OIDC_PRIVATE_HOSTS: new URL(provider.url).host,
    });
  }, 180_000);
  afterAll(async () => {
    await agency?.stop();
    await provider.stop();
  }, 60_000);

  it('an account is bound to (issuer, subject); two factors there are two here; a callback counts once', async () => {
    await bind('two.factors', 'booker1@agency.example');
    const ours = new OurPages(agency.url);
    const { back, forms } = await new ProviderPages().signIn(await ours.start(), 'two.factors', code);
    expect(forms).toEqual(['password', 'otp']);
    expect(back.searchParams.get('iss')).toBe(realm.issuer);
    const cookie = ours.cookie;
    expect(await ours.callback(back)).toMatchObject({ status: 303, location: `${agency.url}/` });
    expect((await ours.ask('GET', '/api/v1/me')).body).toMatchObject({
      email: 'booker1@agency.example',
      role: 'booker',
    });
    const replayed = new OurPages(agency.url, cookie);
    expect(await replayed.callback(back)).toMatchObject({ status: 400, body: { code: 'challenge-unusable' } });
  });

  it('one factor there is asked for ours', async () => {
    await bind('one.factor', 'supervisor@agency.example');
    const ours = new OurPages(agency.url);
    const { back, forms } = await new ProviderPages().signIn(await ours.start(), 'one.factor', code);
    expect(forms).toEqual(['password']);
    expect(await ours.callback(back)).toMatchObject({ status: 303, location: `${agency.url}/second-factor` });
    expect((await ours.ask('GET', '/api/v1/me')).body.code).toBe('second-factor-required');
    const { totpSecret } = agency.staff.find((s) => s.email === 'supervisor@agency.example')!;
    const proved = await ours.ask('POST', '/api/auth/two-factor/verify-totp', {
      code: totpCode(totpSecret, Date.now()),
    });
    expect(proved.status).toBe(200);
    expect((await ours.ask('GET', '/api/v1/me')).body.role).toBe('supervisor');
  });

  it('somebody it knows and we do not is no user here', async () => {
    await agency.sql('delete from agency.external_identity');
    const ours = new OurPages(agency.url);
    const { back } = await new ProviderPages().signIn(await ours.start(), 'one.factor', code);
    expect(await ours.callback(back)).toMatchObject({ status: 403, body: { code: 'not-invited' } });
  });

  it('signing out ends ours, and then theirs', async () => {
    await bind('two.factors', 'dpo@agency.example');
    const ours = new OurPages(agency.url);
    const theirs = new ProviderPages();
    const first = await theirs.signIn(await ours.start(), 'two.factors', code);
    await ours.callback(first.back);
    const again = new OurPages(agency.url);
    expect((await theirs.signIn(await again.start(), 'two.factors', code)).forms).toEqual([]); // still signed in there
    const out = await ours.ask('POST', '/api/auth/sign-out', {});
    expect((await ours.ask('GET', '/api/auth/get-session')).body).toBeNull();
    expect((await theirs.go(out.body.logoutUrl)).location).toBe(`${agency.url}/sign-in`);
    expect((await theirs.signIn(await again.start(), 'two.factors', code)).forms).toEqual(['password', 'otp']);
  });

  const code = () => totpCode(TOTP_SECRET, Date.now());

  /** As a signed-in person's link would (inbound/provider.int.spec): by the subject, which Keycloak makes. */
  async function bind(username: string, email: string): Promise<void> {
    const users = (await provider.admin('GET', `/${realm.name}/users?username=${username}&exact=true`)) as {
      id: string;
    }[];
    await agency.sql('delete from agency.external_identity where subject = $1', [users[0]!.id]);
    await agency.sql(
      `insert into agency.external_identity (issuer, subject, user_id) select $1, $2, id from agency.auth_user where email = $3`,
      [realm.issuer, users[0]!.id, email],
    );
  }
});

/** A browser at our pages. */
class OurPages {
  constructor(
    private readonly url: string,
    public cookie = '',
  ) {}

  async start(): Promise<string> {
    const asked = await this.ask('POST', '/api/auth/provider/start', {});
    expect(asked).toMatchObject({ status: 200 });
    return asked.body.url as string;
  }

  callback(back: URL) {
    return this.ask('GET', `${back.pathname}${back.search}`);
  }

  async ask(method: string, path: string, body?: object) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie: this.cookie, origin: this.url, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const fresh = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]!);
    const names = fresh.map((pair) => pair.slice(0, pair.indexOf('=') + 1));
    const kept = this.cookie.split('; ').filter((pair) => pair && !names.some((name) => pair.startsWith(name)));
    this.cookie = [...kept, ...fresh.filter((pair) => !pair.endsWith('='))].join('; ');
    const text = await response.text();
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read field by field
    const answer: any = text ? JSON.parse(text) : undefined;
    return { status: response.status, location: response.headers.get('location'), body: answer };
  }
}
