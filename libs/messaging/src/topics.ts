import { ERASURE_RECIPIENTS, metaOf, type EventClass, type ServiceName } from '@avtala/contracts';

/** Lanes of every topic; on Kafka its partitions. Changing it would move keys between lanes: never. */
export const LANES = 8;

/** PostgreSQL schema of a service: `lead_intake`. */
export function schemaOf(service: ServiceName): string {
  return service.replaceAll('-', '_');
}

/** Names of topics and groups: `avtala.lead-intake`. Tests that share a broker differ in the prefix. */
export class Topics {
  constructor(readonly prefix: string = 'avtala') {}

  of(owner: ServiceName): string {
    return `${this.prefix}.${owner}`;
  }

  /** The reverse of {@link of}. */
  ownerOf(topic: string): ServiceName {
    return topic.slice(this.prefix.length + 1) as ServiceName;
  }

  /** Consumer group on Kafka; in our tables the group is the service's plain name. */
  groupOf(service: ServiceName): string {
    return `${this.prefix}.${service}`;
  }

  /** Where an event can come from: its owner's topic, or every holder's for a receipt. */
  carrying(eventClass: EventClass): string[] {
    const { owner } = metaOf(eventClass);
    return owner === 'holder' ? ERASURE_RECIPIENTS.map((s) => this.of(s)) : [this.of(owner)];
  }
}
