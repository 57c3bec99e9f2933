import type { ServiceName } from '@avtala/contracts';
import type { Db } from '@avtala/database';
import type { Handlers } from '../consume/handlers.js';
import type { Progress } from '../progress.js';
import type { Topics } from '../topics.js';

/** What both transports are built from. */
export interface Surroundings {
  readonly db: Db;
  readonly service: ServiceName;
  readonly topics: Topics;
  readonly handlers: Handlers;
  readonly progress: Progress;
}

/** Brings this service the events it consumes. */
export interface Consumer {
  start(): Promise<void>;
  /** Ends the batch under way. Safe to repeat. */
  stop(): Promise<void>;
  /** Some lane has events this group has not passed. */
  behind(): Promise<boolean>;
}

/** Moves what this service's outbox holds to where consumers read. */
export interface Relay {
  start(): Promise<void>;
  stop(): Promise<void>;
}
