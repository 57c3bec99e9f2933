import { Db, noEngagement } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { connectionsById } from '../storage/hosts.js';
import { CalendarReader } from './calendar-reader.js';
import { SYNC_MINUTES } from './calendar-schedule.js';

const DEADLINE_MS = 20_000;

/** Reads calendars again and again, so that slots are young and what hosts do to our events is noticed. */
@Injectable()
export class CalendarSyncService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly reader: CalendarReader,
  ) {}

  /** One due row. A calendar that cannot be read is asked again with the next one: its health says so meanwhile. */
  async settle(item: DueItem): Promise<void> {
    const [connection] = await this.db.withScope(noEngagement, (tx) => connectionsById(tx, [item.key]));
    if (connection) await this.reader.read(connection, DEADLINE_MS).catch(() => undefined);
    await this.db.withScope(noEngagement, async (tx) => {
      if (!connection) return this.due.done(tx, item);
      return this.due.again(tx, item, { dueAt: this.clock.now().add({ minutes: SYNC_MINUTES }) });
    });
  }
}
