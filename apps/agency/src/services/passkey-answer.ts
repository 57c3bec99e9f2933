import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { CeremonyRefused } from '../domain/errors.js';

const TRANSPORTS = new Set(['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal', 'cable']);
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const MOST = 12_000;

type Fields = Readonly<Record<string, unknown>>;

/** What a browser gives for `navigator.credentials.get`, reduced to the fields that are verified.
 * @throws CeremonyRefused fields-invalid */
export function assertionIn(given: unknown): AuthenticationResponseJSON {
  const { credential, response } = parts(given);
  return {
    ...identity(credential),
    response: {
      clientDataJSON: base64url(response['clientDataJSON']),
      authenticatorData: base64url(response['authenticatorData']),
      signature: base64url(response['signature']),
      ...(response['userHandle'] == null ? {} : { userHandle: base64url(response['userHandle']) }),
    },
  };
}

/** The same for `navigator.credentials.create`.
 * @throws CeremonyRefused fields-invalid */
export function attestationIn(given: unknown): RegistrationResponseJSON & { transports: string[] } {
  const { credential, response } = parts(given);
  const transports = Array.isArray(response['transports']) ? response['transports'] : [];
  return {
    ...identity(credential),
    response: {
      clientDataJSON: base64url(response['clientDataJSON']),
      attestationObject: base64url(response['attestationObject']),
    },
    transports: [...new Set(transports.filter((t): t is string => TRANSPORTS.has(t as string)))],
  };
}

function parts(given: unknown): { credential: Fields; response: Fields } {
  const credential = fields(given);
  return { credential, response: fields(credential['response']) };
}

function identity(credential: Fields) {
  const id = base64url(credential['id']);
  if (credential['rawId'] !== id || credential['type'] !== 'public-key') throw invalid();
  return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} };
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid();
  return value as Fields;
}

function base64url(value: unknown): string {
  if (typeof value !== 'string' || value.length > MOST || !BASE64URL.test(value)) throw invalid();
  return value;
}

const invalid = () => new CeremonyRefused(400, 'fields-invalid');
