import { generateKeyPairSync, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { jwtVerify, SignJWT } from 'jose';
import type { ServiceName } from '@avtala/contracts';
import type { ServicePrincipal } from './principal.js';
import { SignInRequired } from './errors.js';

const ISSUER = 'avtala';
const TYPE = 'avtala-service+jwt';
const LIFE_SECONDS = 60;
const SERVICES: readonly ServiceName[] = ['agency', 'lead-intake', 'scheduling', 'crm-sync', 'retention'];

/** Ed25519 tokens by which one service calls another: 60 seconds of real time, naming the caller, the purpose and the event (ASVS 9.1, 9.2). */
export class ServiceTokens {
  private readonly publicKey: KeyObject;

  constructor(
    private readonly service: ServiceName,
    private readonly privateKey: KeyObject,
  ) {
    this.publicKey = createPublicKey(privateKey);
  }

  /** @param eventId id of the event or due row that makes the call necessary */
  async mint(audience: ServiceName, purpose: string, eventId: string): Promise<string> {
    return new SignJWT({ purpose, event: eventId })
      .setProtectedHeader({ alg: 'EdDSA', typ: TYPE })
      .setIssuer(ISSUER)
      .setSubject(this.service)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFE_SECONDS}s`)
      .sign(this.privateKey);
  }

  /** @throws SignInRequired on anything but a token of ours for this audience that is younger than a minute */
  async verify(token: string, audience: ServiceName): Promise<ServicePrincipal> {
    try {
      const { payload } = await jwtVerify(token, this.publicKey, {
        algorithms: ['EdDSA'],
        typ: TYPE,
        issuer: ISSUER,
        audience,
        maxTokenAge: LIFE_SECONDS,
        requiredClaims: ['exp', 'iat', 'sub', 'purpose', 'event'],
      });
      const service = SERVICES.find((name) => name === payload.sub);
      if (!service || typeof payload.purpose !== 'string' || typeof payload.event !== 'string') {
        throw new TypeError('claims of another kind of token');
      }
      return { kind: 'service', service, purpose: payload.purpose, eventId: payload.event };
    } catch (cause) {
      throw new SignInRequired({ cause });
    }
  }
}

/** The key all services of one installation share, from a file only its owner can read; made on first start.
 * Two processes that start together agree on one key: the file appears whole, and only once. */
export function serviceKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  chmodSync(draft, 0o600); // the umask may have been wider when an older draft was left behind
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return createPrivateKey(readFileSync(file));
}
