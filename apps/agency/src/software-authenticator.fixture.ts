// For tests: an authenticator in software, ES256, attestation "none" (WebAuthn level 3 §6). Every field can be made wrong.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const UP = 0x01;
const UV = 0x04;
const AT = 0x40;

/** What a hostile page or a broken authenticator would do differently. */
export interface Twist {
  readonly origin?: string;
  readonly rpId?: string;
  /** false = nobody touched a finger or typed a PIN. */
  readonly verified?: boolean;
  readonly challenge?: string;
  readonly type?: string;
  readonly userHandle?: string;
  readonly counter?: number;
  readonly tamper?: 'signature' | 'authenticatorData' | 'clientData';
  readonly crossOrigin?: boolean;
}

interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}

export class SoftwareAuthenticator {
  readonly id = randomBytes(16);
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private counter = 0;
  private userHandle = '';

  constructor(
    private readonly origin: string,
    /** Many authenticators do not count: they always say 0. */
    private readonly counts = true,
  ) {}

  /** `navigator.credentials.create`, as JSON. */
  create(options: CreationOptions, twist: Twist = {}) {
    this.userHandle = options.user.id;
    const key = coseKey(this.keys.publicKey);
    const attested = Buffer.concat([Buffer.alloc(16), uint16(this.id.length), this.id, key]);
    const authData = Buffer.concat([this.head(twist.rpId ?? options.rp.id, twist, AT), attested]);
    const attestation = cborMap([
      [cborText('fmt'), cborText('none')],
      [cborText('attStmt'), cborMap([])],
      [cborText('authData'), cborBytes(authData)],
    ]);
    return this.answer({
      clientDataJSON: this.clientData('webauthn.create', options.challenge, twist).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** `navigator.credentials.get`, as JSON. */
  get(options: { challenge: string; rpId: string }, twist: Twist = {}) {
    if (this.counts) this.counter++;
    const clientData = this.clientData('webauthn.get', options.challenge, twist);
    const authData = this.head(twist.rpId ?? options.rpId, twist, 0);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const signature = sign('sha256', signed, this.keys.privateKey);
    if (twist.tamper === 'signature') signature[signature.length - 1]! ^= 1;
    if (twist.tamper === 'authenticatorData') authData[36]! ^= 1;
    const shown = twist.tamper === 'clientData' ? Buffer.from(`${clientData.toString()} `) : clientData;
    return this.answer({
      clientDataJSON: shown.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle: twist.userHandle ?? this.userHandle,
    });
  }

  private answer(response: object) {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }

  private head(rpId: string, twist: Twist, flags: number): Buffer {
    const bits = UP | (twist.verified === false ? 0 : UV) | flags;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(twist.counter ?? this.counter);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([bits]), count]);
  }

  private clientData(type: string, challenge: string, twist: Twist): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: twist.type ?? type,
        challenge: twist.challenge ?? challenge,
        origin: twist.origin ?? this.origin,
        crossOrigin: twist.crossOrigin ?? false,
      }),
    );
  }
}

/** COSE_Key of a P-256 key: kty EC2, alg ES256, crv P-256, x, y (RFC 9053 §7.1). */
function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  return cborMap([
    [cborInt(1), cborInt(2)],
    [cborInt(3), cborInt(-7)],
    [cborInt(-1), cborInt(1)],
    [cborInt(-2), cborBytes(Buffer.from(x!, 'base64url'))],
    [cborInt(-3), cborBytes(Buffer.from(y!, 'base64url'))],
  ]);
}

// CBOR (RFC 8949) as far as it is needed: small integers, byte and text strings, maps.
const uint16 = (n: number): Buffer => Buffer.from([n >> 8, n & 0xff]);
function cborHead(major: number, n: number): Buffer {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  return n < 256 ? Buffer.from([(major << 5) | 24, n]) : Buffer.concat([Buffer.from([(major << 5) | 25]), uint16(n)]);
}
const cborInt = (n: number): Buffer => (n >= 0 ? cborHead(0, n) : cborHead(1, -1 - n));
const cborBytes = (bytes: Buffer): Buffer => Buffer.concat([cborHead(2, bytes.length), bytes]);
const cborText = (text: string): Buffer => Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
const cborMap = (entries: [Buffer, Buffer][]): Buffer =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
