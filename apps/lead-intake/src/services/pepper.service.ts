import { RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { findEngagement, noUnderWay } from '../storage/engagement.js';
import { readLeads, rewriteIndexes } from '../storage/lead.js';
import { leadsOf } from '../storage/erasure.js';
import { indexesOf, personOf, unsealContact } from './people.js';

/** The key store's epoch (security.md §3.4): single erasures of one epoch share one new pepper. */
export const PEPPER_PERIOD = { hours: 7 * 24 };

/** After a single erasure the engagement's blind indexes get a new pepper, so that old index values in WAL and backups lose their key. */
@Injectable()
export class Peppers {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Due) private readonly due: Due,
  ) {}

  /** Due work. The new pepper is stored before the transaction, the old one destroyed after it (protocols.md §3); safe to be killed in between. */
  async rotate(item: DueItem): Promise<void> {
    const engagementId = item.key;
    const scope = scopeOf(engagementId);
    const before = await this.db.withScope(scope, (tx) => findEngagement(tx, engagementId));
    if (before && !before.erasing) {
      const newest = await this.vault.pepper(engagementId);
      const next = newest.version > before.pepper_version ? newest : await this.vault.rotatePepper(engagementId);
      await this.db.withScope(scope, async (tx) => {
        const engagement = await findEngagement(tx, engagementId, 'update');
        if (!engagement || engagement.erasing || engagement.pepper_version === next.version) return;
        if (await noUnderWay(tx, engagementId)) throw new RetryLater('no-under-way', 200);
        for (
          let ids = await leadsOf(tx, engagementId, null, 1000);
          ids.length;
          ids = await leadsOf(tx, engagementId, ids.at(-1)!, 1000)
        ) {
          const leads = await readLeads(tx, ids, [engagementId]);
          const keys = await this.vault.open('lead', ids, 'pepper');
          await rewriteIndexes(
            tx,
            engagementId,
            leads.flatMap((lead) => {
              const key = keys.get(lead.id);
              if (!key) return [];
              const person = personOf(unsealContact(key, lead.id, lead.sealed));
              return [{ id: lead.id, indexes: indexesOf(next.key, person) }];
            }),
          );
        }
        await tx.query('UPDATE engagement SET pepper_version = $2 WHERE id = $1', [engagementId, next.version]);
      });
      for (let old = next.version - 1; old > 0; old--) await this.vault.destroyPepper(engagementId, old);
    }
    await this.db.withScope(scope, (tx) => this.due.done(tx, item));
  }
}
