import type * as openid from 'openid-client';
import { RetryLater } from '@avtala/contracts';
import { type OperatorRules, safeFetch } from '@avtala/http';
import { log } from '@avtala/observability';
import { ProviderAnswerRefused, ProviderUnavailable } from '../domain/errors.js';

export interface ProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** The one algorithm of its ID tokens; never `none`, never with a shared secret. */
  readonly signingAlg: string;
  /** What it is asked for, so that it asks for a second factor where it can; it may answer less. */
  readonly acrValues: readonly string[];
  /** `host:port` that may be private and without TLS: the sandbox's, or a provider in our own network. */
  readonly privateHosts: readonly string[];
}

/** One sign-in under way: what the provider's answer must repeat, or be derived from. */
export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What a checked ID token says. */
export interface ProvedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly sid: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
  /** For signing out there. */
  readonly idToken: string;
}

// What it says of itself is asked again after ten minutes; its keys are kept with it, and asked for again when a new one is named.
const KEPT_MS = 10 * 60_000;
const DEADLINE_MS = 5_000;
const SKEW_SECONDS = 30;

/** An OpenID Connect provider, by openid-client: discovery with an equal issuer, code flow with PKCE S256, state, nonce and iss, signature of the
 * ID token by the provider's keys with one fixed algorithm (security.md ASVS 10.5). Every address it names goes through safeFetch. */
export class IdentityProvider {
  private kept: { config: openid.Configuration; until: number } | undefined;

  constructor(readonly settings: ProviderSettings) {}

  async start(redirectUri: string, options: { fresh: boolean }): Promise<{ url: string; flow: Flow }> {
    const { client, config } = await this.discovered();
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      response_type: 'code',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      ...(this.settings.acrValues.length ? { acr_values: this.settings.acrValues.join(' ') } : {}),
      ...(options.fresh ? { prompt: 'login', max_age: '0' } : {}),
    });
    return { url: url.href, flow };
  }

  /** @param callback our own address with the query the browser came back with
   * @throws ProviderAnswerRefused, ProviderUnavailable */
  async finish(callback: URL, flow: Flow): Promise<ProvedIdentity> {
    const { client, config } = await this.discovered();
    try {
      const tokens = await client.authorizationCodeGrant(config, callback, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        sid: typeof claims['sid'] === 'string' ? claims['sid'] : null,
        claims,
        idToken: tokens.id_token!,
      };
    } catch (error) {
      throw told(error);
    }
  }

  /** Where the browser ends the session at the provider too; undefined when it offers no such place. */
  async logoutUrl(idToken: string, backTo: string): Promise<string | undefined> {
    const { client, config } = await this.discovered();
    if (!config.serverMetadata().end_session_endpoint) return undefined;
    return client.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: backTo }).href;
  }

  private async discovered(): Promise<{ client: typeof openid; config: openid.Configuration }> {
    const client = await import('openid-client');
    if (this.kept && this.kept.until > Date.now()) return { client, config: this.kept.config };
    const { issuer, clientId, clientSecret, signingAlg } = this.settings;
    const auth = clientSecret ? client.ClientSecretBasic(clientSecret) : client.None();
    const metadata = {
      id_token_signed_response_alg: signingAlg,
      require_auth_time: false,
      [client.clockTolerance]: SKEW_SECONDS,
    };
    try {
      const config = await client.discovery(new URL(issuer), clientId, metadata, auth, {
        // Which addresses may do without TLS is safeFetch's to say.
        execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
        [client.customFetch]: (url, options) => this.call(url, options),
      });
      requireEqual(config.serverMetadata().issuer, issuer);
      this.kept = { config, until: Date.now() + KEPT_MS };
      return { client, config };
    } catch (error) {
      const refused = told(error);
      throw refused instanceof ProviderUnavailable ? refused : new ProviderUnavailable({ cause: error });
    }
  }

  private async call(url: string, options: openid.CustomFetchOptions): Promise<Response> {
    const answer = await safeFetch(url, {
      method: options.method === 'POST' ? 'POST' : 'GET',
      headers: options.headers,
      ...(options.body ? { body: String(options.body as URLSearchParams) } : {}),
      deadlineMs: DEADLINE_MS,
      operator: this.rulesFor(url),
    });
    return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
  }

  /** What the operator allows goes for the named host and port alone: an address that the provider names gets no more than any other. */
  private rulesFor(url: string): OperatorRules {
    if (!URL.canParse(url)) return {};
    const { hostname, port, protocol } = new URL(url);
    const number = Number(port || (protocol === 'https:' ? 443 : 80));
    if (this.settings.privateHosts.includes(`${hostname}:${number}`))
      return { allowHttp: true, ports: [number], privateHosts: this.settings.privateHosts };
    const own = new URL(this.settings.issuer);
    return own.host === new URL(url).host && own.port ? { ports: [Number(own.port)] } : {};
  }
}

function requireEqual(said: string, configured: string): void {
  if (said !== configured) throw new ProviderUnavailable();
}

/** What the library throws, as one of two: it could not be asked, or its answer does not hold. The reason is in the log, its words are not. */
function told(error: unknown): ProviderUnavailable | ProviderAnswerRefused {
  if (error instanceof ProviderUnavailable) return error;
  const reason = codeOf(error);
  log.warn('identity-provider.refused', { reason });
  const unreachable = causesOf(error).some(
    (e) => e instanceof RetryLater || /^url-/.test(String((e as { code?: unknown }).code)),
  );
  return unreachable ? new ProviderUnavailable({ cause: error }) : new ProviderAnswerRefused({ cause: error });
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let e = error; e instanceof Error && causes.length < 6; e = e.cause) causes.push(e);
  return causes;
}

const codeOf = (error: unknown): string => {
  const codes = causesOf(error).map((e) => (e as { code?: unknown }).code ?? (e as { error?: unknown }).error);
  return String(codes.find((c) => typeof c === 'string') ?? 'unknown');
};
