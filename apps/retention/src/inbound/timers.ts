import { type DueItem, DueWork } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import { Clocks } from '../services/clocks.service.js';
import { CLEAR, FORGET, INFORM, JUDGE, ORDER_ENGAGEMENT, ORDER_LEAD } from '../services/orders.service.js';
import { Saga } from '../services/saga.service.js';

/** What is due, claimed and handed on, one row at a time. */
@Injectable()
export class Timers {
  constructor(
    private readonly clocks: Clocks,
    private readonly saga: Saga,
  ) {}

  @DueWork(ORDER_ENGAGEMENT)
  async orderEngagement([item]: DueItem[]): Promise<void> {
    await this.clocks.orderEngagement(item!);
  }

  @DueWork(ORDER_LEAD, { concurrency: 2 })
  async orderLead([item]: DueItem[]): Promise<void> {
    await this.clocks.orderLead(item!);
  }

  @DueWork(INFORM)
  async inform([item]: DueItem[]): Promise<void> {
    await this.clocks.inform(item!);
  }

  @DueWork(CLEAR, { concurrency: 2 })
  async clear([item]: DueItem[]): Promise<void> {
    await this.saga.clear(item!);
  }

  @DueWork(JUDGE, { concurrency: 2 })
  async judge([item]: DueItem[]): Promise<void> {
    await this.saga.judge(item!);
  }

  @DueWork(FORGET, { concurrency: 2 })
  async forget([item]: DueItem[]): Promise<void> {
    await this.saga.forget(item!);
  }
}
