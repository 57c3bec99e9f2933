import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { ConsumerExtras } from '../consume/consumes.js';
import type { Handlers } from '../consume/handlers.js';
import type { Consumer } from './transport.js';

/** Nest's side of both transports: collects the `@Consumes` methods of a service, then lets the consumer bring them events. */
export class EventStrategy extends Server implements CustomTransportStrategy {
  constructor(
    private readonly handlers: Handlers,
    private readonly makeConsumer: () => Consumer,
  ) {
    super();
  }

  #consumer: Consumer | undefined;

  /** Several methods for one event are kept apart: Nest would run them at once, on one transaction's connection. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    _isEvent?: boolean,
    extras?: Record<string, unknown>,
  ) {
    if (!extras?.eventClass) throw new TypeError(`${String(pattern)}: consume events with @Consumes only`);
    this.handlers.add(String(pattern), extras as unknown as ConsumerExtras, async (delivery) =>
      lastValueFrom(this.transformToObservable(await callback(delivery)), { defaultValue: undefined }),
    );
  }

  listen(done: (error?: unknown) => void): void {
    this.#consumer = this.makeConsumer();
    this.#consumer.start().then(
      () => done(),
      (error: unknown) => done(error),
    );
  }

  async close(): Promise<void> {
    await this.#consumer?.stop();
  }

  async behind(): Promise<boolean> {
    return (await this.#consumer?.behind()) ?? false;
  }

  on(): never {
    throw new Error('This transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.#consumer as T;
  }
}
