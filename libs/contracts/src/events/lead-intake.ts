import { ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Min } from 'class-validator';
import { DomainEvent, DomainEventBase } from '../domain-event.js';
import { IsInstant, IsTimeZone } from '../fields.js';
import { GROUNDS, type Ground } from './agency.js';

/** The closed set of what a call can end in. */
export const OUTCOMES = [
  'no-answer',
  'busy',
  'callback',
  'interested',
  'not-interested',
  'not-a-fit',
  'wrong-number',
  'booked',
  'objected',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

abstract class LeadFact extends DomainEventBase {
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  /** The counter on the lead's row: a consumer of consent, objection or restriction ignores what is older than it applied. */
  @IsInt() @Min(1) leadVersion!: number;
}

/** A person was taken in. Sent by lead-intake. Holds no personal data. */
@DomainEvent('lead.registered.v1', { owner: 'lead-intake', key: 'leadId' })
export class LeadRegistered extends LeadFact {
  /** Of the country of the lead's number, where it says; else the engagement's. */
  @IsTimeZone() timeZone!: string;
  @IsIn(GROUNDS) ground!: Ground;
  /** When the data was obtained: the month of B8 runs from here. */
  @IsInstant() obtainedAt!: string;
}

/** Some of a lead's fields changed; names of fields, never values. */
@DomainEvent('lead.changed.v1', { owner: 'lead-intake', key: 'leadId' })
export class LeadChanged extends LeadFact {
  @IsArray() @ArrayUnique() @IsString({ each: true }) fields!: string[];
  /** Where the number changed: the zone as at registration. */
  @IsOptional() @IsTimeZone() timeZone?: string;
}

/** A call was made. `informed`: the person was told where the data came from (B8, GDPR Art. 14). */
@DomainEvent('lead.contacted.v1', { owner: 'lead-intake', key: 'leadId' })
export class LeadContacted extends LeadFact {
  @IsIn(OUTCOMES) outcome!: Outcome;
  @IsBoolean() informed!: boolean;
  @IsInstant() contactedAt!: string;
  @IsOptional() @IsUUID() bookerId?: string;
}

/** The person said no (F5): every client, for ever. Overtakes. */
@DomainEvent('lead.objected.v1', { owner: 'lead-intake', key: 'leadId', overtakes: true })
export class LeadObjected extends LeadFact {
  @IsInstant() objectedAt!: string;
}

/** In dispute (F4): stored, otherwise untouched. Overtakes. */
@DomainEvent('lead.restricted.v1', { owner: 'lead-intake', key: 'leadId', overtakes: true })
export class LeadRestricted extends LeadFact {}

/** The restriction was lifted. */
@DomainEvent('lead.released.v1', { owner: 'lead-intake', key: 'leadId' })
export class LeadReleased extends LeadFact {}

/** Staff ask that a person be erased, although the person did not: retention gives the order. Suppresses nobody. */
@DomainEvent('lead.erasure-asked.v1', { owner: 'lead-intake', key: 'leadId' })
export class LeadErasureAsked extends LeadFact {
  @IsIn(['not-needed']) reason!: 'not-needed';
  @IsInstant() askedAt!: string;
}
