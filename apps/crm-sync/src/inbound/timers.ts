import { type DueItem, DueWork } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import { CONNECT, Connections } from '../services/connections.service.js';
import { ERASE, Erasure } from '../services/erasure.service.js';
import { CLIENT_CHANGE, OPT_OUT, PUSH, RETRY_ALL, WATCH } from '../domain/work.js';
import { OptOuts } from '../services/opt-outs.service.js';
import { PushActs } from '../services/push-acts.service.js';
import { PushDelays } from '../services/push-delays.service.js';
import { ClientSide } from '../services/watch.service.js';
import { Push } from '../services/push.service.js';

/** What is due, claimed and handed on. */
@Injectable()
export class Timers {
  constructor(
    private readonly pushes: Push,
    private readonly connections: Connections,
    private readonly erasure: Erasure,
    private readonly acts: PushActs,
    private readonly delays: PushDelays,
    private readonly clientSide: ClientSide,
    private readonly optOuts: OptOuts,
  ) {}

  /** A hundred is the vendor's batch; with six under way an account's window is full also while some of them wait for the database. */
  @DueWork(PUSH, { batch: 100, concurrency: 6 })
  push(items: DueItem[]): Promise<void> {
    return this.pushes.push(items);
  }

  @DueWork(RETRY_ALL)
  async retryAll(items: DueItem[]): Promise<void> {
    for (const item of items) await this.acts.retryChunk(item);
  }

  /** Fifty: reading with authors takes no more at once. */
  @DueWork(CLIENT_CHANGE, { batch: 50 })
  clientChanges(items: DueItem[]): Promise<void> {
    return this.clientSide.changes.look(items);
  }

  @DueWork(WATCH)
  async watch(items: DueItem[]): Promise<void> {
    for (const item of items) await this.delays.unlessLimited(item, () => this.clientSide.watch.step(item));
  }

  @DueWork(OPT_OUT)
  async optOut(items: DueItem[]): Promise<void> {
    for (const item of items) await this.delays.unlessLimited(item, () => this.optOuts.tell(item));
  }

  @DueWork(CONNECT)
  async connect(items: DueItem[]): Promise<void> {
    for (const item of items) await this.delays.unlessLimited(item, () => this.connections.connect(item));
  }

  @DueWork(ERASE, { concurrency: 2 })
  async erase(items: DueItem[]): Promise<void> {
    for (const item of items) await this.delays.unlessLimited(item, () => this.erasure.step(item));
  }
}
