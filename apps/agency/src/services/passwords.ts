import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { isCommonPassword } from '../domain/common-passwords.js';
import { passwordProblem } from '../domain/passwords.js';
import { PasswordRefused } from '../domain/errors.js';

// argon2id m=19 MiB t=2 p=1 (OWASP's minimum; 30 ms on the machine it was measured on, security.md 1.2).
const COST = { parallelism: 1, memory: 19_456, passes: 2, tagLength: 32 };
const derive = promisify(argon2);

/** @returns the PHC string `$argon2id$v=19$m=…,t=…,p=…$salt$tag` */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive('argon2id', { message: password.normalize('NFKC'), nonce, ...COST });
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(nonce)}$${base64(tag)}`;
}

/** Compares with the parameters the hash was made with, so that raising COST leaves old passwords valid. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash);
  if (!parts) return false;
  const expected = Buffer.from(parts[5]!, 'base64');
  const tag = await derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: Buffer.from(parts[4]!, 'base64'),
    memory: Number(parts[1]),
    passes: Number(parts[2]),
    parallelism: Number(parts[3]),
    tagLength: expected.length,
  });
  return timingSafeEqual(tag, expected);
}

/** @param about the person's e-mail and name
 * @throws PasswordRefused */
export function requireGoodPassword(password: string, about: readonly string[]): void {
  const problem = passwordProblem(password, isCommonPassword, about);
  if (problem) throw new PasswordRefused(problem);
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
