import {
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { DomainEvent, DomainEventBase } from '../domain-event.js';
import { IsInstant, IsTimeZone } from '../fields.js';

/** Legal grounds on which a lead may be taken in (B3): GDPR Art. 6(1)(a), (b), (f). */
export const GROUNDS = ['consent', 'contract', 'legitimate-interest'] as const;
export type Ground = (typeof GROUNDS)[number];

export const CRM_ERASURES = ['delete-created', 'withdraw-only'] as const;
export type CrmErasure = (typeof CRM_ERASURES)[number];

/** What every service keeps of an engagement: a snapshot, the highest `version` wins. */
abstract class EngagementFacts extends DomainEventBase {
  @IsUUID() engagementId!: string;
  @IsUUID() clientId!: string;
  /** Counts up with every change: an older snapshot that arrives late is ignored. */
  @IsInt() @Min(1) version!: number;
  /** X of A7: whole months after the end. */
  @IsInt() @Min(1) @Max(120) retentionMonths!: number;
  @IsTimeZone() timeZone!: string;
  /** Whether a legal-interest assessment has been recorded (B3). */
  @IsBoolean() assessed!: boolean;
  @IsBoolean() eraseOnReply!: boolean;
  @IsIn(CRM_ERASURES) crmErasure!: CrmErasure;
  /** Staff and client users who may act in it (ids of users, not of leads). */
  @IsArray() @ArrayUnique() @IsUUID('all', { each: true }) memberIds!: string[];
  /** Name of the controlling organisation, for the notice of GDPR Art. 14 (B8). */
  @IsOptional() @IsString() @MaxLength(200) controller?: string;
}

/** An engagement took effect. Holds no personal data. */
@DomainEvent('engagement.started.v1', { owner: 'agency', key: 'engagementId' })
export class EngagementStarted extends EngagementFacts {
  @IsInstant() startedAt!: string;
}

/** Its terms, members or assessment changed. Holds no personal data. */
@DomainEvent('engagement.changed.v1', { owner: 'agency', key: 'engagementId' })
export class EngagementChanged extends EngagementFacts {}

/** It ended: new work is refused from `endedAt` on, and the clock of E1 runs. Holds no personal data. */
@DomainEvent('engagement.ended.v1', { owner: 'agency', key: 'engagementId' })
export class EngagementEnded extends DomainEventBase {
  @IsUUID() engagementId!: string;
  @IsUUID() clientId!: string;
  @IsInt() @Min(1) version!: number;
  @IsInstant() endedAt!: string;
  @IsInt() @Min(1) @Max(120) retentionMonths!: number;
}
