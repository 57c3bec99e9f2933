import { post } from './api.js';

/** Browsers without WebAuthn, and addresses that are numbers, have no passkeys. */
export const passkeysWork = (): boolean =>
  typeof PublicKeyCredential === 'function' &&
  'parseRequestOptionsFromJSON' in PublicKeyCredential &&
  !/^[\d.[\]:]+$/.test(location.hostname);

/** @throws DOMException where the person or the device stopped it; ApiProblem */
export async function signInWithPasskey(): Promise<void> {
  const options = await post<PublicKeyCredentialRequestOptionsJSON>('/api/auth/passkey/options', {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  await post('/api/auth/passkey/sign-in', { credential: credential.toJSON() as object });
}

/** Adds one to the session; the device asks for a finger, a face or a PIN.
 * @param name how the person will know it again */
export async function addPasskey(name: string): Promise<void> {
  const options = await post<PublicKeyCredentialCreationOptionsJSON>('/api/auth/passkey/enrolment', {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  await post('/api/auth/passkey/add', { name, credential: credential.toJSON() as object });
}
