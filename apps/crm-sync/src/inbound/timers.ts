import { type DueItem, DueWork } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import { CONNECT, Connections } from '../services/connections.service.js';
import { ERASE, Erasure } from '../services/erasure.service.js';
import { PUSH, RETRY_ALL } from '../domain/work.js';
import { PushActs } from '../services/push-acts.service.js';
import { PushDelays } from '../services/push-delays.service.js';
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
  ) {}

  /** A hundred is the vendor's batch. */
  @DueWork(PUSH, { batch: 100, concurrency: 2 })
  push(items: DueItem[]): Promise<void> {
    return this.pushes.push(items);
  }

  @DueWork(RETRY_ALL)
  async retryAll(items: DueItem[]): Promise<void> {
    for (const item of items) await this.acts.retryChunk(item);
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
