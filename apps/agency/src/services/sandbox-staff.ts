import { randomUUID } from 'node:crypto';
import { base32Bytes, type Role } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { insertAccount } from './accounts.js';
import { hashPassword } from './passwords.js';

export interface SandboxAccount {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  /** Base32, without padding. */
  readonly totpSecret: string;
}

/** Makes accounts that are ready to sign in, second factor included, for the sandbox and for tests; those that are there stay as they are.
 * @param db agency's database
 * @param authSecret the installation's, which also seals the second factors
 * @returns user ids, in the order given
 * @throws Error outside of both: real accounts are made by invitation only (security.md 1.3 rule 7, ASVS 6.3.2) */
export async function sandboxStaff(db: Db, authSecret: string, accounts: readonly SandboxAccount[]): Promise<string[]> {
  if (!process.env.AVTALA_TEST_CLOCK && process.env.NODE_ENV !== 'test') {
    throw new Error('Ready-made accounts exist in the sandbox and in tests only');
  }
  const ids: string[] = [];
  for (const account of accounts) ids.push(await readyAccount(db, authSecret, account));
  return ids;
}

async function readyAccount(db: Db, authSecret: string, account: SandboxAccount): Promise<string> {
  const email = account.email.toLowerCase();
  const known = await db.withScope(noEngagement, (tx) => idOf(tx, email));
  if (known) return known;
  base32Bytes(account.totpSecret); // a secret that no authenticator could hold is refused here, not at the first sign-in
  const passwordHash = await hashPassword(account.password);
  const { symmetricEncrypt } = await import('better-auth/crypto'); // only the first start makes accounts
  const seal = (data: string) => symmetricEncrypt({ key: authSecret, data });
  // `base32:` is the library's mark for a secret that came from elsewhere. No recovery codes: an empty list.
  const [secret, backupCodes] = [await seal(`base32:${account.totpSecret}`), await seal('[]')];
  return db.withScope(noEngagement, async (tx) => {
    const id = await insertAccount(tx, { email, name: account.name, role: account.role, passwordHash });
    if (!id) return (await idOf(tx, email))!; // a twin was faster
    await tx.query(`update auth_user set "twoFactorEnabled" = true where id = $1`, [id]);
    await tx.query(
      `insert into auth_two_factor (id, secret, "backupCodes", "userId", verified, "failedVerificationCount") values ($1, $2, $3, $4, true, 0)`,
      [randomUUID(), secret, backupCodes, id],
    );
    return id;
  });
}

async function idOf(tx: Parameters<typeof rows>[0], email: string): Promise<string | undefined> {
  const [row] = await rows<{ id: string }>(tx, `select id from auth_user where email = $1`, [email]);
  return row?.id;
}
