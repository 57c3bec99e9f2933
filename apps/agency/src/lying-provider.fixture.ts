// For tests: an OpenID provider on a real port that tells the truth until it is told to lie.
import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, UnsecuredJWT } from 'jose';

export type Lie =
  | 'wrong-key'
  | 'alg-none'
  | 'alg-hs256'
  | 'alg-es256'
  | 'other-issuer'
  | 'other-audience'
  | 'more-audiences'
  | 'expired'
  | 'not-yet'
  | 'wrong-nonce'
  | 'no-nonce'
  | 'no-subject'
  | 'kid-unknown'
  | 'no-id-token'
  | 'not-json'
  | 'metadata-of-another'
  | 'metadata-huge'
  | 'metadata-never-ends'
  | 'metadata-redirects'
  | 'keys-on-loopback'
  | 'keys-redirect'
  | 'token-huge'
  | 'token-never-ends'
  | 'token-redirects';

interface Code {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  used: boolean;
}

const CLIENT = { id: 'avtala', secret: 'sandbox-client-secret' };

export class LyingProvider {
  lie: Lie | undefined;
  /** Who is at the provider's own sign-in page. */
  person: { sub: string; [claim: string]: unknown } = { sub: 'person-1' };
  /** Requests to something it should never be made to ask for us. */
  trapped = 0;
  private readonly codes = new Map<string, Code>();
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly others = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private readonly server = createServer((request, response) => void this.answer(request, response));
  issuer = '';

  static async start(): Promise<LyingProvider> {
    const provider = new LyingProvider();
    await new Promise<void>((ready) => provider.server.listen(0, '127.0.0.1', ready));
    provider.issuer = `http://127.0.0.1:${(provider.server.address() as AddressInfo).port}`;
    return provider;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  get environment(): Record<string, string> {
    return {
      OIDC_ISSUER: this.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_NAME: 'Byråns inloggning',
      OIDC_MFA_ACR: 'two-factors',
      OIDC_PRIVATE_HOSTS: new URL(this.issuer).host,
    };
  }

  /** The person signs in at the provider: what the browser is sent back with. */
  authorize(url: string): URL {
    const asked = new URL(url).searchParams;
    const code = randomUUID();
    this.codes.set(code, {
      nonce: asked.get('nonce')!,
      challenge: asked.get('code_challenge')!,
      redirectUri: asked.get('redirect_uri')!,
      used: false,
    });
    const back = new URL(asked.get('redirect_uri')!);
    back.search = new URLSearchParams({ code, state: asked.get('state')!, iss: this.issuer }).toString();
    return back;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, this.issuer);
    if (pathname === '/.well-known/openid-configuration') return this.metadata(response);
    if (pathname === '/keys') return this.jwks(response);
    if (pathname === '/token') return this.token(request, response);
    this.trapped++;
    json(response, 200, {});
  }

  private metadata(response: ServerResponse): void {
    if (this.misbehaves('metadata', response)) return;
    const { port } = new URL(this.issuer);
    json(response, 200, {
      issuer: this.lie === 'metadata-of-another' ? 'https://login.example' : this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      // Another spelling of the same machine, which the operator did not name.
      jwks_uri: this.lie === 'keys-on-loopback' ? `http://localhost:${port}/keys-of-nobody` : `${this.issuer}/keys`,
      end_session_endpoint: `${this.issuer}/logout`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256', 'ES256'],
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
    });
  }

  private jwks(response: ServerResponse): void {
    if (this.lie === 'keys-redirect') return redirect(response, `${this.issuer}/trap`);
    const jwk = (key: KeyObject, kid: string, alg: string) => ({
      ...key.export({ format: 'jwk' }),
      kid,
      alg,
      use: 'sig',
    });
    json(response, 200, {
      keys: [jwk(this.keys.publicKey, 'right', 'RS256'), jwk(this.curve.publicKey, 'curve', 'ES256')],
    });
  }

  private async token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (this.misbehaves('token', response)) return;
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    if (clientOf(request) !== `${CLIENT.id}:${CLIENT.secret}`) return json(response, 401, { error: 'invalid_client' });
    const code = this.codes.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!code || code.used || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri'))
      return json(response, 400, { error: 'invalid_grant' });
    code.used = true;
    const tokens = { access_token: randomUUID(), token_type: 'Bearer', expires_in: 60 };
    json(response, 200, this.lie === 'no-id-token' ? tokens : { ...tokens, id_token: await this.idToken(code) });
  }

  private idToken(code: Code): Promise<string> | string {
    const now = Math.floor(Date.now() / 1000);
    const { sub, ...more } = this.person;
    const claims: Record<string, unknown> = {
      iss: this.lie === 'other-issuer' ? 'https://login.example' : this.issuer,
      aud:
        this.lie === 'other-audience'
          ? 'another-client'
          : this.lie === 'more-audiences'
            ? [CLIENT.id, 'another']
            : CLIENT.id,
      ...(this.lie === 'no-subject' ? {} : { sub }),
      iat: this.lie === 'expired' ? now - 7200 : now,
      exp: this.lie === 'expired' ? now - 3600 : now + 60,
      ...(this.lie === 'not-yet' ? { nbf: now + 3600 } : {}),
      ...(this.lie === 'no-nonce' ? {} : { nonce: this.lie === 'wrong-nonce' ? 'another-nonce' : code.nonce }),
      auth_time: now,
      sid: 'session-there',
      ...more,
    };
    const jwt = new SignJWT(claims);
    if (this.lie === 'not-json') return 'this.is.nothing';
    if (this.lie === 'alg-none') return new UnsecuredJWT(claims).encode();
    if (this.lie === 'alg-hs256')
      return jwt.setProtectedHeader({ alg: 'HS256', kid: 'right' }).sign(Buffer.from(CLIENT.secret.padEnd(32)));
    if (this.lie === 'alg-es256')
      return jwt.setProtectedHeader({ alg: 'ES256', kid: 'curve' }).sign(this.curve.privateKey);
    const kid = this.lie === 'kid-unknown' ? 'never-seen' : 'right';
    const key = this.lie === 'wrong-key' ? this.others.privateKey : this.keys.privateKey;
    return jwt.setProtectedHeader({ alg: 'RS256', kid }).sign(key);
  }

  private misbehaves(where: 'metadata' | 'token', response: ServerResponse): boolean {
    if (this.lie === `${where}-redirects`) redirect(response, `${this.issuer}/trap`);
    else if (this.lie === `${where}-huge`) endless(response, 64 * 1024, 0);
    else if (this.lie === `${where}-never-ends`) endless(response, 1, 100);
    else return false;
    return true;
  }
}

/** RFC 6749 §2.3.1: both halves are form-encoded. */
function clientOf(request: IncomingMessage): string {
  const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  return basic.split(':').map(decodeURIComponent).join(':');
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(302, { location: to }).end();
}

/** JSON that goes on and on: much at once, or a byte now and then. */
function endless(response: ServerResponse, bytes: number, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"issuer":"');
  const more = () => {
    if (!response.destroyed) response.write('x'.repeat(bytes), () => setTimeout(more, everyMs).unref());
  };
  more();
}
