import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Role } from '@avtala/access';
import { rows } from '@avtala/database';

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** As `hashPassword` makes it; undefined for somebody who signs in through the identity provider. */
  readonly passwordHash: string | undefined;
}

/** Makes an account; after a password alone it reaches nothing until a second factor is enrolled.
 * @returns its id, or undefined when the address has an account */
export async function insertAccount(tx: EntityManager, account: NewAccount): Promise<string | undefined> {
  const id = randomUUID();
  const made = await rows(
    tx,
    `insert into auth_user (id, name, email, "emailVerified", "twoFactorEnabled", role) values ($1, $2, $3, true, false, $4)
     on conflict do nothing returning id`,
    [id, account.name, account.email, account.role],
  );
  if (made.length === 0) return undefined;
  if (account.passwordHash === undefined) return id;
  // better-auth looks for providerId `credential` with the user's own id as accountId.
  await tx.query(
    `insert into auth_account (id, "accountId", "providerId", "userId", password, "updatedAt")
     values ($1, $2::text, 'credential', $2::uuid, $3, clock_timestamp())`,
    [randomUUID(), id, account.passwordHash],
  );
  return id;
}
