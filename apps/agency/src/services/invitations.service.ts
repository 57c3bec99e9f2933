import { createHmac, randomUUIDv7, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccessOptions, type Actor, AuditTrail, type Principal, type Role } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, noEngagement, rows } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { AccountExists, InvitationNotUsable } from '../domain/errors.js';
import { insertAccount } from './accounts.js';
import { hashPassword, requireGoodPassword } from './passwords.js';

export interface Invited {
  readonly id: string;
  /** What the link carries; made from the id and a secret, so the table holds nothing that opens a door. */
  readonly token: string;
  readonly expiresAt: Date;
}

interface InvitationRow {
  id: string;
  email: string;
  role: Role;
  expires_at: Date;
}

/** The only way to an account: invitations, good once and for 72 hours of real time (security.md 1.3 rule 7). */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
    private readonly options: AccessOptions,
  ) {}

  /** A new invitation of the same address takes the place of those before it: whoever has an older link can do nothing with it.
   * @throws AccountExists
   * @throws InvitationNotUsable for a repeat of one that was withdrawn meanwhile */
  async invite(caller: Principal, claim: IdempotencyClaim, email: string, role: Role): Promise<Invited> {
    return this.db.withScope(noEngagement, async (tx) => {
      const before = await claimKey(tx, claim);
      if (before) {
        const known = await readInvitation(tx, before.resourceId!);
        if (!known) throw new InvitationNotUsable();
        return this.withToken(known);
      }
      const taken = await rows(tx, `select 1 from auth_user where email = $1`, [email]);
      if (taken.length) throw new AccountExists();
      await tx.query(`delete from invitation where email = $1 and accepted_at is null`, [email]);
      const invitation = await this.insert(tx, email, role, caller);
      await settleKey(tx, claim, { status: 201, resourceId: invitation.id });
      return invitation;
    });
  }

  /** Takes an invitation back; its link opens nothing from then on.
   * @throws Missing when there is none of that id, or it was accepted or withdrawn */
  async withdraw(caller: Principal, claim: IdempotencyClaim, id: string): Promise<void> {
    await this.db.withScope(noEngagement, async (tx) => {
      if (await claimKey(tx, claim)) return;
      const [gone] = await rows<{ role: Role }>(
        tx,
        `with gone as (delete from invitation where invitation_id = $1 and accepted_at is null returning role) select role from gone`,
        [id],
      );
      if (!gone) throw new Missing('invitation');
      const detail = { invitationId: id, role: gone.role };
      await this.audit.record(tx, { action: 'invitation.withdrawn', principal: caller, detail });
      await settleKey(tx, claim, { status: 204, resourceId: id });
    });
  }

  /** For the console command that makes the first admin: refused as soon as there is one.
   * @throws AccountExists */
  async inviteFirstAdmin(email: string): Promise<Invited> {
    return this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`lock table invitation in share row exclusive mode`); // two consoles at once: one of them waits
      const admins = await rows(tx, `select 1 from auth_user where role = 'admin' and disabled_at is null limit 1`);
      if (admins.length) throw new AccountExists();
      await tx.query(`delete from invitation where role = 'admin' and accepted_at is null`);
      return this.insert(tx, email, 'admin', {
        kind: 'service',
        service: 'agency',
        purpose: 'first-admin',
        eventId: randomUUIDv7(),
      });
    });
  }

  /** Makes the account; the invitation is used up in the same transaction.
   * @throws InvitationNotUsable, PasswordRefused, AccountExists */
  async accept(token: string, name: string, password: string): Promise<string> {
    // Looked up before the costly hash, taken for good after it.
    const invitation = await this.usable(token);
    requireGoodPassword(password, [invitation.email, name]);
    const passwordHash = await hashPassword(password);
    return this.db.withScope(noEngagement, (tx) => this.acceptIn(tx, invitation.id, name, passwordHash));
  }

  /** @throws InvitationNotUsable */
  async usable(token: string): Promise<{ id: string; email: string }> {
    const id = this.idOf(token);
    if (!id) throw new InvitationNotUsable();
    return this.db.withScope(noEngagement, (tx) => readUsable(tx, id));
  }

  /** @param name undefined = what stands before the @ of the invited address
   * @param passwordHash undefined for somebody who comes through the identity provider
   * @throws InvitationNotUsable, AccountExists */
  async acceptIn(tx: EntityManager, id: string, name: string | undefined, passwordHash?: string): Promise<string> {
    const [taken] = await rows<{ email: string; role: Role }>(
      tx,
      `with taken as (update invitation set accepted_at = clock_timestamp()
          where invitation_id = $1 and accepted_at is null and expires_at > clock_timestamp() returning email, role)
       select email, role from taken`,
      [id],
    );
    if (!taken) throw new InvitationNotUsable();
    const { email, role } = taken;
    const userId = await insertAccount(tx, { email, name: name ?? email.split('@')[0]!, role, passwordHash });
    if (!userId) throw new AccountExists();
    await this.audit.record(tx, {
      action: 'invitation.accepted',
      principal: { kind: 'service', service: 'agency', purpose: 'invitation', eventId: id },
      detail: { userId, role },
    });
    return userId;
  }

  private async insert(tx: EntityManager, email: string, role: Role, by: Actor): Promise<Invited> {
    const id = randomUUIDv7();
    const [row] = await rows<InvitationRow>(
      tx,
      `insert into invitation (invitation_id, email, role, invited_by) values ($1, $2, $3, $4)
       returning invitation_id as id, email, role, expires_at`,
      [id, email, role, by.kind === 'user' ? by.userId : null],
    );
    await this.audit.record(tx, { action: 'invitation.sent', principal: by, detail: { invitationId: id, role } });
    return this.withToken(row!);
  }

  private withToken(row: InvitationRow): Invited {
    return { id: row.id, token: `${row.id}.${this.mac(row.id)}`, expiresAt: row.expires_at };
  }

  private idOf(token: string): string | undefined {
    const [id = '', mac = ''] = token.split('.', 2);
    const given = Buffer.from(mac);
    const expected = Buffer.from(this.mac(id));
    return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
  }

  private mac(id: string): string {
    return createHmac('sha256', this.options.authSecret).update(`invitation\0${id}`).digest('base64url');
  }
}

async function readInvitation(tx: EntityManager, id: string): Promise<InvitationRow | undefined> {
  const [row] = await rows<InvitationRow>(
    tx,
    `select invitation_id as id, email, role, expires_at from invitation where invitation_id = $1`,
    [id],
  );
  return row;
}

async function readUsable(tx: EntityManager, id: string): Promise<InvitationRow> {
  const [row] = await rows<InvitationRow>(
    tx,
    `select invitation_id as id, email, role, expires_at from invitation
      where invitation_id = $1 and accepted_at is null and expires_at > clock_timestamp()`,
    [id],
  );
  if (!row) throw new InvitationNotUsable();
  return row;
}
