import type { INestApplication } from '@nestjs/common';
import type { DueState } from './upkeep/due-state.js';

/** The running side of a service's messaging. */
export class Messaging {
  /** Connects the event strategy to the application and starts relay, consumers, due work and pruning. */
  async start(_app: INestApplication): Promise<void> {
    throw new Error('not built yet');
  }

  /** Ends what is under way and stops. Called by `app.close()` too; safe to repeat. */
  async stop(): Promise<void> {}

  async dueState(): Promise<DueState> {
    throw new Error('not built yet');
  }
}
