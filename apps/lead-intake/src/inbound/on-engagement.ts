import { EngagementChanged, EngagementEnded, EngagementStarted } from '@avtala/contracts';
import { affected } from '@avtala/database';
import { Consumes, NotYet } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { writeEngagement } from '../storage/engagement.js';

/** The copy of an engagement that intake asks: who is the client, does it run, is it assessed. */
@Controller()
export class OnEngagement {
  /** Its partitions are made here; before that nothing can be taken in. Its pepper is made on first use. */
  @Consumes(EngagementStarted)
  async open(event: EngagementStarted, tx: EntityManager): Promise<void> {
    await writeEngagement(tx, event, event.startedAt);
    await tx.query('SELECT open_engagement($1)', [event.engagementId]);
  }

  @Consumes(EngagementChanged)
  async change(event: EngagementChanged, tx: EntityManager): Promise<void> {
    if (!(await writeEngagement(tx, event, null))) throw new NotYet('engagement');
  }

  /** From `endedAt` on no intake and no calling; what is there stays until its erasure. */
  @Consumes(EngagementEnded)
  async end(event: EngagementEnded, tx: EntityManager): Promise<void> {
    const ended = await affected(
      tx,
      'UPDATE engagement SET ended_at = $2, version = greatest(version, $3) WHERE id = $1',
      [event.engagementId, event.endedAt, event.version],
    );
    if (!ended) throw new NotYet('engagement');
  }
}
