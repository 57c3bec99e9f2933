import { Injectable } from '@nestjs/common';
import type { Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { affected, Db, noEngagement, rows } from '@avtala/database';
import { LastFactor } from '../domain/errors.js';
import { AuthEvents } from './auth-events.js';
import { factorsOf } from './factors.js';
import { endSessions } from './own-sessions.js';

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly synced: boolean;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

interface PasskeyRow {
  id: string;
  name: string;
  synced: boolean;
  created_at: Date;
  used_at: Date | null;
}

/** A person's passkeys, as a list to look after. */
@Injectable()
export class OwnPasskeys {
  constructor(
    private readonly db: Db,
    private readonly events: AuthEvents,
  ) {}

  async list(userId: string): Promise<PasskeyView[]> {
    const found = await this.db.withScope(noEngagement, (tx) =>
      rows<PasskeyRow>(
        tx,
        `select passkey_id as id, name, synced, created_at, used_at from passkey where user_id = $1 order by passkey_id`,
        [userId],
      ),
    );
    return found.map((p) => ({
      id: p.id,
      name: p.name,
      synced: p.synced,
      createdAt: p.created_at.toISOString(),
      usedAt: p.used_at?.toISOString() ?? null,
    }));
  }

  /** @throws Missing */
  async rename(caller: Principal, id: string, name: string): Promise<void> {
    const renamed = await this.db.withScope(noEngagement, (tx) =>
      affected(tx, `update passkey set name = $3 where passkey_id = $1 and user_id = $2`, [id, caller.userId, name]),
    );
    if (!renamed) throw new Missing('passkey');
  }

  /** @throws Missing, LastFactor */
  async remove(caller: Principal, id: string): Promise<void> {
    const { userId, role, sessionId, aal } = caller;
    await this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`select 1 from auth_user where id = $1 for update`, [userId]); // two at once must not remove the last two
      const removed = await affected(tx, `delete from passkey where passkey_id = $1 and user_id = $2`, [id, userId]);
      if (!removed) throw new Missing('passkey');
      const left = await factorsOf(tx, userId);
      if (!left.totp && left.passkeys === 0) throw new LastFactor();
      await this.events.record(tx, {
        action: 'passkey.removed',
        userId,
        role,
        sessionId,
        aal,
        detail: { passkeyId: id },
      });
      await endSessions(tx, userId, sessionId);
    });
  }
}
