import { IsIn, IsOptional, IsString, IsUUID, Matches } from 'class-validator';
import { DomainEvent, DomainEventBase } from '../domain-event.js';
import { IsInstant } from '../fields.js';

abstract class CrmFact extends DomainEventBase {
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsUUID() connectionId!: string;
  @IsIn(['contact', 'meeting']) object!: 'contact' | 'meeting';
  /** Booking of a pushed meeting. */
  @IsOptional() @IsUUID() bookingId?: string;
}

@DomainEvent('crm.record-synced.v1', { owner: 'crm-sync', key: 'leadId' })
export class CrmRecordSynced extends CrmFact {
  @IsInstant() syncedAt!: string;
}

/** The client erased the person's record for good, as people are erased who asked for it: nobody may bring them back without a person's decision
 * (B5). */
@DomainEvent('crm.person-erased.v1', { owner: 'crm-sync', key: 'leadId', overtakes: true })
export class CrmPersonErased extends DomainEventBase {
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsUUID() connectionId!: string;
  /** When we heard of it. */
  @IsInstant() foundAt!: string;
}

/** `code` is ours or the vendor's error code; the vendor's words are never kept (they echo names). */
@DomainEvent('crm.sync-failed.v1', { owner: 'crm-sync', key: 'leadId' })
export class CrmSyncFailed extends CrmFact {
  @IsString() @Matches(/^[A-Za-z0-9_.-]{1,64}$/) code!: string;
}
