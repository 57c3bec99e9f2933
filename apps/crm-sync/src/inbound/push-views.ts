import { type Cause, CAUSES, ruleOf } from '../domain/causes.js';
import type { CrmKind } from '../domain/connection-rules.js';
import type { SkipReason, SyncState } from '../domain/push-states.js';
import type { PushCount, PushLine } from '../storage/push-screen.js';

/** The promise behind it, by its ids, in one sentence. */
export class RuleView {
  readonly promises!: string[];
  readonly sentence!: string;
}

/** One thing that a CRM was, or is to be, told. */
export class PushView {
  readonly id!: string;
  readonly engagementId!: string;
  readonly connectionId!: string;
  readonly kind!: CrmKind;
  readonly object!: 'contact' | 'meeting';
  readonly leadId!: string;
  readonly bookingId!: string | null;
  readonly state!: SyncState;
  readonly tries!: number;
  /** Names of the CRM's fields that were written last. */
  readonly fields!: string[];
  readonly cause!: Cause | null;
  readonly sentence!: string | null;
  /** What the vendor called it, or we. */
  readonly code!: string | null;
  /** Names of the CRM's fields a refusal was about. */
  readonly refusedFields!: string[];
  readonly skipReason!: SkipReason | null;
  /** Set aside by a person: only a person has it tried again. */
  readonly setAside!: boolean;
  readonly nextTryAt!: string | null;
  readonly recordId!: string | null;
  readonly requestId!: string | null;
  readonly rule!: RuleView | null;
  /** When it came into this state. */
  readonly at!: string;
}

/** What one CRM was told of one meeting, in one word. */
export class MeetingToldView {
  readonly bookingId!: string;
  readonly kind!: CrmKind;
  readonly state!: SyncState;
}

export class MeetingsToldView {
  readonly items!: MeetingToldView[];
}

/** What was asked of the vendor, without any value. */
export class PushRequestView {
  readonly operation!: 'create' | 'update' | 'none';
  readonly object!: 'contact' | 'meeting';
  /** The value of our own key at the vendor. */
  readonly key!: string;
  /** Property → `•••`. */
  readonly properties!: Record<string, string>;
}

/** What the vendor answered, without any value. */
export class PushAnswerView {
  readonly accepted!: boolean;
  readonly code!: string | null;
  readonly fields!: string[];
  readonly recordId!: string | null;
  readonly requestId!: string | null;
}

export class PushDetailView extends PushView {
  /** null: nothing was sent yet. */
  readonly request!: PushRequestView | null;
  /** null: there was no answer, or it is on its way. */
  readonly answer!: PushAnswerView | null;
}

export class PushPageView {
  readonly items!: PushView[];
  /** Pass it as `after`; null on the last page. */
  readonly next!: string | null;
}

export class CauseCountView {
  readonly state!: SyncState;
  readonly cause!: Cause | null;
  readonly sentence!: string | null;
  readonly count!: number;
}

export class CausesView {
  readonly items!: CauseCountView[];
}

export class RetryAllView {
  readonly cause!: Cause;
  /** How many of it there were when it was asked for. */
  readonly count!: number;
}

/** One thing that stands in the client's CRM by our hand. */
export class WrittenView {
  readonly object!: 'contact' | 'meeting';
  /** none: the CRM had it already. */
  readonly operation!: 'create' | 'update' | 'none' | null;
  /** Names of the CRM's fields. */
  readonly fields!: string[];
  /** The CRM's own id of the record. */
  readonly recordId!: string | null;
  readonly at!: string;
}

export class WrittenPageView {
  readonly items!: WrittenView[];
  /** Pass it as `after`; null on the last page. */
  readonly next!: string | null;
}

/** Where a page of lines goes on, as `PushLine.cursor` has it. */
export const CURSOR = /^[0-6]~\d{1,17}~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const BLANK = '•••';

export function pushDetail(line: PushLine, now: Temporal.Instant): PushDetailView {
  const { operation, sentFields, object, key, state, code, refusedFields, recordId, requestId } = line;
  const properties = Object.fromEntries((sentFields ?? []).map((f) => [f, BLANK]));
  const accepted = state === 'confirmed';
  const answered = accepted || (state === 'parked' && operation !== null && !line.held);
  return {
    ...pushView(line, now),
    request: operation ? { operation, object, key, properties } : null,
    answer: answered ? { accepted, code, fields: refusedFields ?? [], recordId, requestId } : null,
  };
}

export const writtenView = ({ object, operation, sentFields, recordId, at }: PushLine): WrittenView => ({
  object,
  operation,
  fields: sentFields ?? [],
  recordId,
  at: at.toISOString(),
});

export const causeCount = (c: PushCount): CauseCountView => ({ ...c, sentence: c.cause && CAUSES[c.cause] });

export function pushView(line: PushLine, now: Temporal.Instant): PushView {
  const { cause, state, tries, key } = line;
  const rule = ruleOf(state, cause, tries);
  return {
    id: line.id,
    engagementId: line.engagementId,
    connectionId: line.connectionId,
    kind: line.kind,
    object: line.object,
    leadId: line.leadId,
    bookingId: line.object === 'meeting' ? key : null,
    state,
    tries,
    fields: line.sentFields ?? [],
    cause,
    sentence: cause && CAUSES[cause],
    code: line.code,
    refusedFields: line.refusedFields ?? [],
    skipReason: line.skipReason,
    setAside: line.held,
    nextTryAt: nextTry(line, now),
    recordId: line.recordId,
    requestId: line.requestId,
    rule: rule && { promises: [...rule.promises], sentence: rule.sentence },
    at: line.at.toISOString(),
  };
}

/** Its time, or later when a backoff or a vendor's window must end first. */
function nextTry(line: PushLine, now: Temporal.Instant): string | null {
  if (!line.dueAt) return null;
  const wait = now.epochMilliseconds + Math.round(line.waitsMs);
  return new Date(Math.max(line.dueAt.getTime(), wait)).toISOString();
}
