import type { Db } from '@avtala/database';
import type { Clock } from '@avtala/time';
import type { INestApplication, OnModuleDestroy } from '@nestjs/common';
import type { DueRunner, Worker } from './due/due-runner.js';
import type { ServiceName } from '@avtala/contracts';
import type { Progress } from './progress.js';
import type { Topics } from './topics.js';
import type { EventStrategy } from './transport/event-strategy.js';
import type { Relay } from './transport/transport.js';
import { depthsOf, type Depths } from './upkeep/depths.js';
import { workState, type DueState } from './upkeep/due-state.js';
import type { Pruner } from './upkeep/prune.js';

/** The parts that run. */
interface Parts {
  readonly service: ServiceName;
  readonly topics: Topics;
  readonly db: Db;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly strategy: EventStrategy;
  readonly relay: Relay;
  readonly dueRunner: DueRunner;
  readonly pruner: Pruner;
  readonly findWorkers: () => Worker[];
}

/** The running side of a service's messaging: relay, consumers, due work, pruning. */
export class Messaging implements OnModuleDestroy {
  #stopped: Promise<void> | undefined;

  constructor(private readonly parts: Parts) {}

  /** Connects the event strategy to the application, which must be initialised, and starts everything.
   * The application's own guards, pipes and filters are for HTTP: they are not inherited. */
  async start(app: INestApplication): Promise<void> {
    const { strategy, relay, dueRunner, pruner, findWorkers } = this.parts;
    app.connectMicroservice({ strategy }, { inheritAppConfig: false });
    await relay.start();
    await app.startAllMicroservices();
    dueRunner.start(findWorkers());
    pruner.start();
  }

  /** Ends what is under way and stops. Called by `app.close()` too; safe to repeat. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop();
  }

  /** For `GET /internal/<service>/due`. */
  async dueState(): Promise<DueState> {
    const { db, clock, strategy, progress } = this.parts;
    // Own tables first: what leaves the outbox after this look is seen by the consumers' lanes.
    const own = await workState(db, clock);
    const busy = own.busy || (await strategy.behind());
    return { next: own.next, what: own.what, busy, handled: progress.handled };
  }

  /** How much waits, for metrics. */
  depths(): Promise<Depths> {
    const { db, clock, service, topics } = this.parts;
    return depthsOf(db, clock, service, topics);
  }

  async #stop(): Promise<void> {
    const { strategy, relay, dueRunner, pruner } = this.parts;
    await Promise.all([strategy.close(), dueRunner.stop(), pruner.stop()]);
    await relay.stop(); // last: what the others appended still goes out
  }
}
