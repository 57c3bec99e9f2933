import { ApiProblem, post, Unreachable } from '../app/api.js';
import type { signIn } from '../words/sign-in.js';

/** The password's answer: a second factor is asked for, or (nobody has one yet) one has to be added. */
export async function sendPassword(email: string, password: string): Promise<'code' | 'signed-in'> {
  const said = await post<{ twoFactorRedirect?: boolean }>('/api/auth/sign-in/email', { email, password });
  return said.twoFactorRedirect ? 'code' : 'signed-in';
}

export const sendCode = (code: string) => post<unknown>('/api/auth/two-factor/verify-totp', { code });
export const sendRecoveryCode = (code: string) => post<unknown>('/api/auth/two-factor/recovery-code', { code });

/** @returns what stands on the button, or null without a provider */
export async function providerName(): Promise<string | null> {
  const response = await fetch('/api/auth/provider');
  return response.ok ? ((await response.json()) as { name: string | null }).name : null;
}

/** Leaves the page. */
export async function goToProvider(): Promise<void> {
  const { url } = await post<{ url: string }>('/api/auth/provider/start', { purpose: 'sign-in' });
  location.assign(url);
}

type Refused = (typeof signIn)['sv']['refused'];

/** A refusal in words that tell nothing about whether an address is known. */
export function whyRefused(error: unknown, t: Refused): string {
  if (error instanceof Unreachable) return t.unreachable;
  if (error instanceof DOMException) return t.passkeyStopped;
  if (!(error instanceof ApiProblem)) return t.other(error instanceof Error ? error.name : 'unknown');
  if (error.status === 429) return t.throttled(error.retryAfterSeconds ?? 60);
  return byCode(error.code, t);
}

/** Also for `#refused=…`, with which the identity provider's callback comes back. */
export function byCode(code: string, t: Refused): string {
  switch (code) {
    case 'invalid-email-or-password':
    case 'invalid-email':
    case 'fields-invalid':
      return t.credentials;
    case 'invalid-code':
      return t.code;
    case 'invalid-two-factor-cookie':
    case 'challenge-unusable':
    case 'session-not-found':
    case 'two-factor-not-enabled':
    case 'too-many-attempts-request-new-code':
      return t.challenge;
    case 'passkey-refused':
      return t.passkey;
    case 'identity-provider-denied':
      return t.denied;
    case 'identity-provider-unavailable':
    case 'identity-provider-answer-refused':
      return t.provider;
    case 'not-invited':
      return t.notInvited;
    default:
      return t.other(code);
  }
}
