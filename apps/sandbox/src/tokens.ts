import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { JsonFile } from './files.js';

/** Access tokens that need no table: account, expiry and a MAC under a secret of this sandbox, so that they outlive a restart. Real time. */
export class Tokens {
  private constructor(private readonly secret: string) {}

  static async open(dir: string): Promise<Tokens> {
    const file = await JsonFile.open(join(dir, 'secret.json'), { secret: randomBytes(32).toString('hex') });
    await file.save();
    return new Tokens(file.value.secret);
  }

  issue(audience: string, account: string, seconds: number): string {
    const claim = Buffer.from(
      `${audience}|${account}|${Date.now() + seconds * 1000}|${randomBytes(6).toString('hex')}`,
    );
    return `${claim.toString('base64url')}.${this.mac(claim.toString('base64url'))}`;
  }

  /** @returns whose token it is, or why it is none */
  check(audience: string, authorization: string | undefined): { account: string } | 'missing' | 'invalid' | 'expired' {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return 'missing';
    const [claim, mac] = token.split('.');
    const expected = Buffer.from(this.mac(claim ?? ''));
    const given = Buffer.from(mac ?? '');
    if (!claim || expected.length !== given.length || !timingSafeEqual(expected, given)) return 'invalid';
    const [aud, account, expires] = Buffer.from(claim, 'base64url').toString('utf8').split('|');
    if (aud !== audience || !account) return 'invalid';
    return Number(expires) > Date.now() ? { account } : 'expired';
  }

  /** A keyed hash, for remembering that something was seen without remembering what. */
  mac(value: string): string {
    return createHmac('sha256', this.secret).update(value).digest('base64url');
  }
}
