import type { CrmErasure } from '@avtala/contracts';
import { earliestNoticeOn } from '../domain/notice.js';
import type { EngagementRow } from '../storage/engagements.js';

export class PartyView {
  readonly name!: string;
  readonly organisationNumber!: string;
}

/** An engagement as its contract has it. Dates are Swedish calendar days, instants ISO 8601. */
export class EngagementView {
  readonly id!: string;
  readonly clientId!: string;
  readonly clientName!: string;
  readonly name!: string;
  readonly controller!: PartyView;
  readonly processor!: PartyView;
  readonly retentionMonths!: number;
  readonly bindingMonths!: number;
  readonly startsOn!: string;
  /** First day on which notice can be given (A1). */
  readonly earliestNoticeOn!: string;
  readonly timeZone!: string;
  readonly eraseOnReply!: boolean;
  readonly crmErasure!: CrmErasure;
  readonly noticeSource!: string | null;
  readonly state!: 'upcoming' | 'running' | 'notice-given' | 'ended';
  readonly startedAt!: string | null;
  readonly effectiveEndAt!: string | null;
  readonly endedAt!: string | null;
  readonly version!: number;
  /** A legal-interest assessment is recorded (B3). */
  readonly assessed!: boolean;
  /** Who may act in it. */
  readonly memberIds!: string[];
}

export class EngagementsView {
  readonly items!: EngagementView[];
}

export function engagementView(e: EngagementRow): EngagementView {
  const startsOn = Temporal.PlainDate.from(e.startsOn);
  return {
    id: e.engagementId,
    clientId: e.clientId,
    clientName: e.clientName,
    name: e.name,
    controller: { name: e.controllerName, organisationNumber: e.controllerNumber },
    processor: { name: e.processorName, organisationNumber: e.processorNumber },
    retentionMonths: e.retentionMonths,
    bindingMonths: e.bindingMonths,
    startsOn: e.startsOn,
    earliestNoticeOn: earliestNoticeOn({ startsOn, bindingMonths: e.bindingMonths }).toString(),
    timeZone: e.timeZone,
    eraseOnReply: e.eraseOnReply,
    crmErasure: e.crmErasure,
    noticeSource: e.noticeSource,
    state: e.endedAt ? 'ended' : e.effectiveEndAt ? 'notice-given' : e.startedAt ? 'running' : 'upcoming',
    startedAt: e.startedAt?.toISOString() ?? null,
    effectiveEndAt: e.effectiveEndAt?.toISOString() ?? null,
    endedAt: e.endedAt?.toISOString() ?? null,
    version: e.version,
    assessed: e.assessed,
    memberIds: e.memberIds,
  };
}
