import { Allow, Caller, type Principal } from '@avtala/access';
import { EventStream } from '@avtala/http';
import { log } from '@avtala/observability';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { LiveKind } from '../domain/live-changes.js';
import { Live } from '../services/live.service.js';
import type { LiveStream } from '../services/live-stream.js';

/** Something has changed that this caller may see: ids and a state, to be asked about where it is kept. */
export class LiveChange {
  readonly kind!: LiveKind;
  /** lead: registered, changed, contacted, answered (a booking link), objected, restricted, released, erasing, or gone (bookers: theirs no more); meeting: booked, moved,
   * cancelled, held, missed; invite: delivered, failed; push: synced, failed; engagement: started, changed, ended, erasing; erasure: ordered,
   * receipt, cleared, completed, incomplete. */
  readonly state!: string;
  readonly engagementId!: string;
  readonly leadId?: string;
  readonly bookingId?: string;
  readonly hostId?: string;
  readonly connectionId?: string;
  readonly orderId?: string;
  /** How many it stands for, where more than one: an import's leads are not told one by one. */
  readonly count?: number;
  /** When it happened, on the business clock. */
  readonly at!: string;
}

/** What the tab holds may be old: everything on screen is to be fetched again. */
export class LiveReset {
  /** gap: away for longer than is remembered; access: the caller may see other engagements than before. */
  readonly reason!: 'gap' | 'access';
}

/** The stream has begun; from here on nothing is missed. */
export class LiveReady {
  /** Seconds between beats; after ten without one the tab is stale. */
  readonly beatSeconds!: number;
}

/** All that was told until now has been said. */
export class LiveBeat {
  /** Business time. */
  readonly at!: string;
}

/** One stream for each tab (protocols.md §11). */
@Controller('api/v1/live')
@Allow('admin', 'supervisor', 'booker', 'dpo', 'client')
export class LiveController {
  constructor(private readonly live: Live) {}

  /** What changes, as it changes, as server-sent events: ids and states of what the caller's role and engagements let it see. With
   * `Last-Event-ID` it goes on after that one, on whichever instance; what is no longer remembered is a `reset`. It ends with the session. */
  @Get()
  @EventStream('ready', LiveReady)
  @EventStream('change', LiveChange)
  @EventStream('reset', LiveReset)
  @EventStream('beat', LiveBeat)
  async listen(
    @Caller() caller: Principal,
    @Headers('last-event-id') lastId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    this.live.requirePlace(caller);
    // no-transform: a proxy that packed it would hold it back.
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    let stream: LiveStream | undefined;
    let gone = false;
    response.on('close', () => {
      gone = true;
      if (stream) this.live.leave(stream);
    });
    try {
      stream = await this.live.join(
        caller,
        {
          write: (text) => void response.write(text),
          waiting: () => response.writableLength,
          end: () => void response.end(),
          cut: () => void response.destroy(),
        },
        lastId,
      );
      if (gone) this.live.leave(stream);
    } catch (error) {
      // Told by the stream's end: the headers have gone. The tab comes back.
      log.warn('live.not-begun', {}, error);
      response.end();
    }
  }
}
