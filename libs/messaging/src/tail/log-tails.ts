import type { EventClass, ServiceName } from '@avtala/contracts';
import { metaOf } from '@avtala/contracts';
import type { Db } from '@avtala/database';
import type { Kafka } from 'kafkajs';
import type { Topics } from '../topics.js';
import { KafkaTail } from './kafka-tail.js';
import { PostgresTail } from './postgres-tail.js';
import type { Tail, TailReceiver } from './tail.js';

/** What a tail reads. */
export interface TailWish {
  /** Types whose events are brought; others are only counted as passed. */
  readonly types: readonly string[];
  readonly topics: readonly string[];
  /** How far back each lane begins, in events. */
  readonly back: number;
}

/** Opens readers that follow the log beside its consumers, on both transports: each process for itself, from a few events back, and without
 * inbox, cursor or transaction. What they are told they may be told again by the next reader; nothing may be done because of it but showing. */
export class LogTails {
  constructor(
    private readonly db: Db,
    private readonly service: ServiceName,
    private readonly topics: Topics,
    private readonly kafka: (() => Kafka) | undefined,
  ) {}

  /** Places in the log of one transport mean nothing in the other's. */
  get transport(): 'postgres' | 'kafka' {
    return this.kafka ? 'kafka' : 'postgres';
  }

  /** @param back events of each lane before the present end that are brought first */
  open(eventClasses: readonly EventClass[], back: number, receiver: TailReceiver): Tail {
    const wish: TailWish = {
      types: eventClasses.map((c) => metaOf(c).type),
      topics: [...new Set(eventClasses.flatMap((c) => this.topics.carrying(c)))].sort(),
      back,
    };
    return this.kafka
      ? new KafkaTail(this.kafka(), this.topics, this.topics.groupOf(this.service), wish, receiver)
      : new PostgresTail(this.db, this.topics, wish, receiver);
  }
}
