import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { findEngagement } from '../storage/engagement.js';
import { lockWithoutTokens, writeTokens } from '../storage/name-search.js';
import { nameTokens } from './name-tokens.js';
import { unsealContact } from './people.js';

const CHUNK = 500;
/** A claim's share of real time; the lease holds for 60 s. */
const SHARE_MS = 20_000;

/** Computes the tokens of leads that were there before names could be searched for. */
@Injectable()
export class NameIndex {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Due) private readonly due: Due,
  ) {}

  /** Due work, a chunk a transaction; whoever is killed begins with the rows that have none yet. */
  async fill(item: DueItem): Promise<void> {
    const { engagementId } = item;
    for (const until = Date.now() + SHARE_MS; ;) {
      const done = await this.db.withScope(scopeOf(engagementId), async (tx) => {
        // Held, so that the pepper stays what it is.
        const engagement = await findEngagement(tx, engagementId, 'share');
        const leads = engagement && !engagement.erasing ? await lockWithoutTokens(tx, engagementId, CHUNK) : [];
        if (!leads.length) {
          await this.due.done(tx, item);
          return true;
        }
        const { key: pepper } = await this.vault.pepper(engagementId, engagement!.pepper_version);
        const keys = await this.vault.open(
          'lead',
          leads.map((l) => l.id),
          'pepper',
        );
        const tokens = leads.map(({ id, sealed }) => {
          const key = keys.get(id);
          if (!key) return { id, tokens: [] }; // its key is gone: found by nothing, and deleted soon
          const { name, company } = unsealContact(key, id, sealed);
          return { id, tokens: nameTokens(pepper, name, company) };
        });
        await writeTokens(tx, engagementId, tokens);
        if (Date.now() < until) return false;
        await this.due.again(tx, item, { dueAt: item.dueAt });
        return true;
      });
      if (done) return;
    }
  }
}
