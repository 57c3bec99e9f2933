import type { Principal } from '@avtala/access';
import { EngagementChanged, EngagementStarted, metaOf, RetryLater } from '@avtala/contracts';
import { Db, noEngagement } from '@avtala/database';
import { LANES, LogTails, type Tail, type TailBatch, type TailLane, type TailReceiver } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SHOWN_EVENTS } from '../domain/live-changes.js';
import { Places } from '../domain/live-places.js';
import { liveSessions } from '../storage/live-sessions.js';
import { LiveMemory } from './live-memory.js';
import { LiveStream, type Outlet } from './live-stream.js';

/** Events of a lane that a process hears when it begins, for tabs that come from another one. */
const BACK = 1_000;
/** A tab that has heard nothing for ten seconds says so: two beats may be lost. */
const BEAT_MS = 4_000;
/** Tabs of one session: a browser opens no more connections to one address. */
const MOST_OF_SESSION = 12;
const MOST_STREAMS = 2_000;
/** A tab can be ahead of this process for a moment, when another one was quicker; for longer its id is of a log that is no more. */
const AHEAD_MS = 30_000;

class TooManyStreams extends RetryLater {
  constructor() {
    super('too-many-streams', 5_000);
  }
}

/** Follows the log and tells every tab of this process what it may be shown (protocols.md §11). Begins with the first tab. */
@Injectable()
export class Live implements TailReceiver, OnModuleDestroy {
  private readonly streams = new Set<LiveStream>();
  private readonly memory: LiveMemory;
  private following: Promise<void> | undefined;
  private tail: Tail | undefined;
  private beating: NodeJS.Timeout | undefined;
  private checking: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly tails: LogTails,
  ) {
    this.memory = new LiveMemory(tails.transport);
  }

  /** Whether one more may come in. @throws TooManyStreams */
  requirePlace(caller: Principal): void {
    const own = [...this.streams].filter((s) => s.sessionId === caller.sessionId).length;
    if (this.stopped || own >= MOST_OF_SESSION || this.streams.size >= MOST_STREAMS) throw new TooManyStreams();
  }

  /** @param lastId the id of what the tab heard last, here or in another process; without one it hears what comes from now on */
  async join(caller: Principal, outlet: Outlet, lastId: string | undefined): Promise<LiveStream> {
    const stream = new LiveStream(caller, Places.none(this.tails.transport, LANES), outlet);
    this.streams.add(stream);
    await this.follow();
    const known = lastId === undefined ? undefined : Places.parse(lastId, this.tails.transport, LANES);
    const goesOn = known !== undefined && this.memory.reaches(known);
    stream.open(goesOn ? known : this.memory.now());
    stream.say('ready', { beatSeconds: BEAT_MS / 1000 });
    if (lastId !== undefined && !goesOn) stream.say('reset', { reason: 'gap' });
    if (goesOn) for (const heard of this.memory.all()) stream.tell(heard);
    return stream;
  }

  leave(stream: LiveStream): void {
    this.streams.delete(stream);
  }

  begins(lane: TailLane, after: number, end: number): void {
    this.memory.begins(lane, after, end);
  }

  brings(batch: TailBatch): void {
    for (const event of batch.events) if (MEMBERS_IN.has(event.type)) this.membersSet(event.payload);
    const fresh = this.memory.take(batch);
    for (const stream of this.streams) {
      for (const heard of fresh) stream.tell(heard);
      stream.places.raise(batch.lane.owner, batch.lane.lane, batch.upTo);
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.beating);
    for (const stream of this.streams) stream.end();
    this.streams.clear();
    await this.checking;
    await this.tail?.stop();
  }

  private follow(): Promise<void> {
    this.following ??= this.begin().catch(async (error: unknown) => {
      this.following = undefined; // the next tab tries again
      await this.tail?.stop().catch(() => undefined);
      throw error;
    });
    return this.following;
  }

  private async begin(): Promise<void> {
    const tail = (this.tail = this.tails.open(SHOWN_EVENTS, BACK, this));
    await tail.start();
    if (!this.stopped) this.beating = setInterval(() => void this.beat(tail), BEAT_MS).unref();
  }

  /** Only while we know what is going on: a tab that hears no beat says that what it shows may be old. */
  private async beat(tail: Tail): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      log.warn('live.not-checked', {}, error);
      return;
    }
    if (!tail.isUpToDate()) return;
    const at = this.clock.now().toString({ smallestUnit: 'second' });
    for (const stream of this.streams) {
      if (this.memory.heard.isBehind(stream.places) && Date.now() - stream.openedAt > AHEAD_MS) {
        stream.places = this.memory.now();
        stream.say('reset', { reason: 'gap' });
      }
      stream.say('beat', { at });
    }
  }

  /** Asks again who is listening (ASVS 4.4.3): one statement for all tabs of this process. */
  private check(): Promise<void> {
    this.checking ??= this.checkNow().finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async checkNow(): Promise<void> {
    const asked = [...this.streams];
    if (!asked.length) return;
    const ids = [...new Set(asked.map((s) => s.sessionId))];
    const found = await this.db.withScope(noEngagement, (tx) => liveSessions(tx, ids));
    const now = new Map(found.map((session) => [session.sessionId, session]));
    for (const stream of asked) stream.judge(now.get(stream.sessionId));
  }

  /** Who is no member any more is told nothing further; who has become one is found by asking. */
  private membersSet(payload: unknown): void {
    const { engagementId, memberIds } = payload as EngagementChanged;
    for (const stream of this.streams) if (!memberIds.includes(stream.userId)) stream.leave(engagementId);
    void this.check().catch((error: unknown) => log.warn('live.not-checked', {}, error));
  }
}

const MEMBERS_IN: ReadonlySet<string> = new Set([EngagementStarted, EngagementChanged].map((c) => metaOf(c).type));
