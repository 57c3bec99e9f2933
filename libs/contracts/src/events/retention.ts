import { ArrayUnique, IsArray, IsIn, IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import { DomainEvent, DomainEventBase } from '../domain-event.js';
import { IsInstant } from '../fields.js';

/** Why a lead is erased (architecture.md §6). */
export const ERASURE_REASONS = [
  'engagement-ended',
  'request',
  'objection',
  'reply',
  'not-informed',
  'not-needed',
] as const;
export type ErasureReason = (typeof ERASURE_REASONS)[number];

/** Services that hold something of a lead and therefore must send every receipt. A check fails when a schema has a `lead_id` and its service is not here
 * (retention, which holds clocks and orders, sends none to itself). */
export const ERASURE_RECIPIENTS = ['lead-intake', 'scheduling', 'crm-sync'] as const;
export type ErasureRecipient = (typeof ERASURE_RECIPIENTS)[number];

/** Days until the slowest outside recipient we connect to has purged what it was told to delete: HubSpot's GDPR delete purges
 * within 30 (its help page on restorable and permanent contact deletions); Salesforce's recycle bin keeps 15. */
export const SLOWEST_PURGE_DAYS = 30;

export const RECEIPT_PHASES = ['stopped', 'asked', 'verified'] as const;
export type ReceiptPhase = (typeof RECEIPT_PHASES)[number];

/** Block new work about this lead, bury it, and say `stopped`. Overtakes. */
@DomainEvent('lead.erasure-ordered.v1', { owner: 'retention', key: 'leadId', overtakes: true, saga: true })
export class LeadErasureOrdered extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsIn(ERASURE_REASONS) reason!: ErasureReason;
  @IsInstant() orderedAt!: string;
}

/** The same for everybody in an engagement; never a list of ids. Overtakes. */
@DomainEvent('engagement.erasure-ordered.v1', { owner: 'retention', key: 'engagementId', overtakes: true, saga: true })
export class EngagementErasureOrdered extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() engagementId!: string;
  @IsInstant() orderedAt!: string;
}

/** A person said no, or asked to be erased, while an order given for another reason was under way: lead-intake keeps the "no" as long as it can
 * still know who they are. */
@DomainEvent('lead.said-no.v1', { owner: 'retention', key: 'leadId', saga: true })
export class LeadSaidNo extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsIn(['request', 'objection']) reason!: 'request' | 'objection';
}

/** All recipients have asked, or 24 hours have passed: lead-intake destroys the keys, then rows or partitions; everybody flushes caches. */
@DomainEvent('erasure.cleared.v1', { owner: 'retention', key: 'orderId', saga: true })
export class ErasureCleared extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() engagementId!: string;
  /** Absent for an engagement's order. */
  @IsOptional() @IsUUID() leadId?: string;
}

/** Every recipient was read back. */
@DomainEvent('erasure.completed.v1', { owner: 'retention', key: 'orderId', saga: true })
export class ErasureCompleted extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() engagementId!: string;
  @IsOptional() @IsUUID() leadId?: string;
  @IsInstant() completedAt!: string;
}

/** Somebody is late or said the data is still there; `recipients` says who (`crm-sync`, or `crm-sync/hubspot` for one outside system). */
@DomainEvent('erasure.incomplete.v1', { owner: 'retention', key: 'orderId', saga: true })
export class ErasureIncomplete extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() engagementId!: string;
  @IsOptional() @IsUUID() leadId?: string;
  @IsArray() @ArrayUnique() @IsString({ each: true }) recipients!: string[];
}

/** One per order, recipient and phase; sent by each holder. Counts only, no personal data (style.md §4).
 * For phase `verified`, `counts.left` is what reading back still found; the order completes only when it is 0. */
@DomainEvent('erasure.receipt.v1', { owner: 'holder', key: 'orderId', saga: true })
export class ErasureReceipt extends DomainEventBase {
  @IsUUID() orderId!: string;
  @IsUUID() engagementId!: string;
  @IsIn(ERASURE_RECIPIENTS) recipient!: ErasureRecipient;
  @IsIn(RECEIPT_PHASES) phase!: ReceiptPhase;
  /** What was done, as a word: `blocked`, `cancelled`, `settled`, `destroyed`, `read-back`. */
  @IsString() action!: string;
  /** Named whole numbers, e.g. {leads: 198, keys: 198, left: 0}. */
  @IsObject() counts!: Record<string, number>;
  /** Outside systems that did not confirm, by name (`hubspot`, `google-calendar`); empty when all did. */
  @IsArray() @ArrayUnique() @IsString({ each: true }) outstanding!: string[];
  @IsInstant() at!: string;
}
