import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccessOptions } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { AccountMail } from './account-mail.js';
import { RESET_MINUTES, resetToken } from './reset-token.js';

interface Owner {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
}

/** The mail with the link for a new password. */
@Injectable()
export class ResetMail {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly mail: AccountMail,
    private readonly options: AccessOptions,
  ) {}

  /** Due work: the mail, if there is an account with a password. A repeat after a crash sends the same mail once more. */
  async send(item: DueItem): Promise<void> {
    const owner = await this.db.withScope(noEngagement, (tx) => claimed(tx, item.key));
    if (owner) {
      const link = this.mail.link('/password-reset', resetToken(this.options.authSecret, item.key));
      await this.mail.send({
        id: item.key,
        at: item.dueAt,
        to: owner,
        subject: 'Nytt lösenord / New password',
        lines: words(owner.name, link),
      });
    }
    await this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`update password_reset set asked_for = null where reset_id = $1`, [item.key]);
      await this.due.done(tx, item);
    });
  }
}

/** Whose account it is; their earlier links stop working. @returns undefined when there is nobody to write to, or no longer time to */
async function claimed(tx: EntityManager, id: string): Promise<Owner | undefined> {
  const [owner] = await rows<Owner>(
    tx,
    `select u.id as user_id, u.name, u.email
       from password_reset r join auth_user u on u.email = r.asked_for
      where r.reset_id = $1 and r.expires_at > clock_timestamp() and u.disabled_at is null
        and exists (select 1 from auth_account a where a."userId" = u.id and a."providerId" = 'credential')`,
    [id],
  );
  if (!owner) return undefined;
  await tx.query(`delete from password_reset where user_id = $1 and reset_id <> $2`, [owner.user_id, id]);
  await tx.query(`update password_reset set user_id = $1 where reset_id = $2`, [owner.user_id, id]);
  return owner;
}

const words = (name: string, link: string): string[] => [
  `Hej ${name},`,
  '',
  `någon, förhoppningsvis du, vill byta ditt lösenord. Länken gäller en gång, i ${RESET_MINUTES} minuter:`,
  link,
  'Var det inte du behöver du inte göra något. Din andra faktor ändras inte.',
  '',
  `Somebody, hopefully you, wants to change your password. The link above works once, for ${RESET_MINUTES} minutes.`,
  'If it was not you, there is nothing to do. Your second factor stays as it is.',
];
