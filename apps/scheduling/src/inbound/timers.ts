import { DueWork, type DueItem } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import { CALENDAR_SYNC } from '../services/calendar-schedule.js';
import { CalendarSyncService } from '../services/calendar-sync.service.js';
import { CalendarWriteService } from '../services/calendar-write.service.js';
import { ErasureWorkService } from '../services/erasure-work.service.js';
import { ERASE_ASK, ERASE_ROWS } from '../services/forget.service.js';
import { InviteService } from '../services/invite.service.js';
import { LINK_MAIL } from '../services/booking-links.service.js';
import { KeepSlotService } from '../services/keep-slot.service.js';
import { LinkMailService } from '../services/link-mail.service.js';
import { CALENDAR_WRITE, INVITE, KEPT_SLOT_ENDS } from '../services/telling.js';

/** What becomes due. Mail itself leaves one at a time (libs/mail); the reads around it may overlap. */
@Injectable()
export class Timers {
  constructor(
    private readonly invites: InviteService,
    private readonly calendars: CalendarWriteService,
    private readonly erasures: ErasureWorkService,
    private readonly sync: CalendarSyncService,
    private readonly kept: KeepSlotService,
    private readonly links: LinkMailService,
  ) {}

  @DueWork(INVITE, { concurrency: 4 })
  async invite([item]: DueItem[]) {
    await this.invites.settle(item!);
  }

  @DueWork(CALENDAR_WRITE, { concurrency: 4 })
  async calendar([item]: DueItem[]) {
    await this.calendars.settle(item!);
  }

  @DueWork(ERASE_ASK, { concurrency: 2 })
  async ask([item]: DueItem[]) {
    await this.erasures.ask(item!);
  }

  @DueWork(ERASE_ROWS, { concurrency: 2 })
  async deleteRows([item]: DueItem[]) {
    await this.erasures.deleteAndReadBack(item!);
  }

  @DueWork(CALENDAR_SYNC, { concurrency: 4 })
  async read([item]: DueItem[]) {
    await this.sync.settle(item!);
  }

  @DueWork(KEPT_SLOT_ENDS)
  async keptSlotEnds([item]: DueItem[]) {
    await this.kept.end(item!);
  }

  @DueWork(LINK_MAIL)
  async linkMail([item]: DueItem[]) {
    await this.links.settle(item!);
  }
}
