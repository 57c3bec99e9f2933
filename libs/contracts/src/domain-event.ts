import { validateSync, type ValidationError } from 'class-validator';
import { plainToInstance } from 'class-transformer';
import { quickRead } from './quick-read.js';

export type ServiceName = 'agency' | 'lead-intake' | 'scheduling' | 'crm-sync' | 'retention';

export interface EventMeta {
  /** Past tense with version, `meeting.booked.v1`. */
  readonly type: string;
  /** The service that sends it; its topic is `avtala.<owner>`. */
  readonly owner: ServiceName | 'holder';
  /** The field whose value orders events: one key, one lane. */
  readonly key: string;
  /** Handled although its key is held (messaging.md §5): a "no" never waits behind a poisoned message. */
  readonly overtakes: boolean;
  /** Part of the erasure saga: passes tombstones, and stays in the log as proof. */
  readonly saga: boolean;
}

export type EventClass<T extends DomainEventBase = DomainEventBase> = new () => T;

const metas = new Map<EventClass, EventMeta>();
const byType = new Map<string, EventClass>();

/** Declares an event once: its name, who sends it, and its key. Its fields hold ids and facts, never a person. */
export function DomainEvent(
  type: string,
  meta: { owner: EventMeta['owner']; key: string; overtakes?: boolean; saga?: boolean },
): ClassDecorator {
  return (target) => {
    const eventClass = target as unknown as EventClass;
    if (byType.has(type)) throw new Error(`Event ${type} is declared twice`);
    metas.set(eventClass, { type, overtakes: false, saga: false, ...meta });
    byType.set(type, eventClass);
  };
}

/** Every event names its engagement: it is the scope its handlers run in (architecture.md §2, Scopes). */
export abstract class DomainEventBase {
  abstract engagementId: string;

  /** Builds the event from plain facts. */
  static of<T extends DomainEventBase>(this: EventClass<T>, facts: { [K in keyof T]: T[K] }): T {
    return Object.assign(new this(), facts);
  }
}

/** @throws Error when the class carries no `@DomainEvent` */
export function metaOf(eventClass: EventClass): EventMeta {
  const meta = metas.get(eventClass);
  if (!meta) throw new Error(`${eventClass.name} has no @DomainEvent`);
  return meta;
}

/** The class declared for a type, or undefined when nobody declares it. */
export function eventClassOf(type: string): EventClass | undefined {
  return byType.get(type);
}

export function allEvents(): ReadonlyArray<{ eventClass: EventClass; meta: EventMeta }> {
  return [...metas].map(([eventClass, meta]) => ({ eventClass, meta }));
}

/** Why a payload is not the event it claims to be: the names of the fields, never their values. */
export class EventInvalid extends Error {
  constructor(
    readonly type: string,
    readonly fields: readonly string[],
  ) {
    super(`${type} is not valid: ${fields.join(', ')}`);
    this.name = 'EventInvalid';
  }
}

const fieldNames = (errors: ValidationError[], prefix = ''): string[] =>
  errors.flatMap((e) =>
    e.children?.length ? fieldNames(e.children, `${prefix}${e.property}.`) : [`${prefix}${e.property}`],
  );

/** Strict reading of an event's data: unknown fields are let through only by a newer version's optional ones, so they are dropped.
 * @throws EventInvalid naming the fields that are wrong */
export function parseEvent<T extends DomainEventBase>(eventClass: EventClass<T>, data: unknown): T {
  const { type } = metaOf(eventClass);
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new EventInvalid(type, ['data']);
  const quick = quickRead(eventClass, data);
  if (quick) return quick;
  const event = plainToInstance(eventClass, data);
  const errors = validateSync(event, { whitelist: true, forbidUnknownValues: true });
  if (errors.length) throw new EventInvalid(type, fieldNames(errors));
  return event;
}
