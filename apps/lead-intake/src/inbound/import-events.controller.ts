import { Allow, AllowKey, Caller, CallerCheck, type KeyPrincipal, type Principal } from '@avtala/access';
import { RetryLater } from '@avtala/contracts';
import { IdPipe } from '@avtala/http';
import { Controller, Get, Inject, Param, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ImportProgress, type Progress } from '../services/import-progress.service.js';
import { viewOf } from './imports.controller.js';

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 60_000;
/** Open streams of a process; each asks the database twice a second. */
const MOST_STREAMS = 100;

/** An import's progress as server-sent events: counts and states, nothing of its rows. */
@Controller('api/v1/imports/:id/events')
@Allow('admin', 'supervisor')
export class ImportEventsController implements OnModuleDestroy {
  private readonly open = new Set<AbortController>();

  constructor(
    @Inject(ImportProgress) private readonly progress: ImportProgress,
    @Inject(CallerCheck) private readonly check: CallerCheck,
  ) {}

  onModuleDestroy(): void {
    for (const stream of this.open) stream.abort();
  }

  /** Answers 204 to a listener that comes back and has heard the end: EventSource then stays away. */
  @Get()
  @AllowKey('imports:write')
  async events(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { version, over } = await this.progress.read(caller, id);
    const known = request.headers['last-event-id'];
    if (over && known === version) return void response.status(204).end();
    if (this.open.size >= MOST_STREAMS) throw new RetryLater('too-many-streams', 5_000);
    const stream = new AbortController();
    this.open.add(stream);
    response.on('close', () => stream.abort());
    response.status(200).set({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    response.write('retry: 2000\n\n');
    const heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS).unref();
    // Live updates ask again who is listening (ASVS 4.4.3): a session that ended, or a right that was taken away, ends them.
    const recheck = setInterval(() => void this.stillThere(request, caller, stream), RECHECK_MS).unref();
    try {
      for await (const progress of this.progress.changes(caller, id, first(known), stream.signal))
        response.write(eventOf(progress));
    } catch {
      // Told in the stream by its end: the headers have gone. The listener comes back and is answered as anybody is.
    } finally {
      clearInterval(heartbeat);
      clearInterval(recheck);
      this.open.delete(stream);
      response.end();
    }
  }

  private async stillThere(request: Request, caller: Principal | KeyPrincipal, stream: AbortController): Promise<void> {
    const there = await this.check.stillAllowed(request, caller).catch(() => false);
    if (!there) stream.abort();
  }
}

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

const eventOf = ({ version, view }: Progress): string =>
  `id: ${version}\nevent: progress\ndata: ${JSON.stringify(viewOf(view))}\n\n`;
