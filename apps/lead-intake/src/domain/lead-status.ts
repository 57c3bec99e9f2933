import type { LeadState } from './call.js';
import { nextOpening, nixBlock, type CallingRules, type NumberFacts } from './calling-rules.js';

/** What a screen calls a lead: one word for each, in the order in which they count when several fit. */
export const LEAD_STATUSES = [
  'being-erased',
  'suppressed',
  'restricted',
  'booked',
  'interested',
  'closed',
  'attempts-used',
  'handed-out',
  'callback',
  'waiting-period',
  'not-informed',
  'new',
  'callable',
] as const;
export type LeadStatus = (typeof LEAD_STATUSES)[number];

/** Facts of a lead's row, and what is known beside it. Times as epoch milliseconds. */
export interface LeadFacts {
  state: LeadState;
  restricted: boolean;
  beingErased: boolean;
  informed: boolean;
  obtainedAt: number;
  queue: number;
  attempts: number;
  callableAt: number | null;
  /** Real time. */
  claimedUntil: number | null;
}

/** B8: within a month of being obtained the person is told; a week before that it is time. */
const NOTICE_WARNING_DAYS = 7;

/** Last moment at which the notice can still be given in time (retention's clock counts the same month). */
export function noticeBy(obtainedAt: Temporal.Instant): Temporal.Instant {
  return obtainedAt.toZonedDateTimeISO('Europe/Stockholm').add({ months: 1 }).toInstant();
}

/** Whose notice is due before this must have been obtained before the answer. */
export function obtainedBy(noticeBefore: Temporal.Instant): Temporal.Instant {
  return noticeBefore.toZonedDateTimeISO('Europe/Stockholm').subtract({ months: 1 }).toInstant();
}

/** The lead's one word. @param now business time @param realNow epoch milliseconds, for claims @param warnFrom obtained before this: the notice is urgent */
export function statusOf(lead: LeadFacts, now: number, realNow: number, warnFrom: number): LeadStatus {
  if (lead.beingErased) return 'being-erased';
  if (lead.state === 'objected') return 'suppressed';
  if (lead.restricted) return 'restricted';
  if (lead.state === 'exhausted') return 'attempts-used';
  if (lead.state !== 'open') return lead.state;
  if (lead.claimedUntil !== null && lead.claimedUntil >= realNow) return 'handed-out';
  if (lead.queue === 0) return 'callback';
  if (lead.callableAt === null || lead.callableAt > now) return 'waiting-period';
  if (!lead.informed && lead.obtainedAt < warnFrom) return 'not-informed';
  return lead.queue === 1 ? 'new' : 'callable';
}

/** Before this a lead must have been obtained for its notice to be urgent at `now`. */
export function warnFrom(now: Temporal.Instant): Temporal.Instant {
  return obtainedBy(now.add({ hours: 24 * NOTICE_WARNING_DAYS }));
}

export const BLOCKS = {
  'being-erased': ['This person is being erased', 'E1'],
  suppressed: ['This person has said no', 'B5'],
  restricted: ['This lead is set aside while in dispute', 'F4'],
  booked: ['A meeting is booked', null],
  interested: ['This person is interested and waits for a meeting', null],
  closed: ['This lead is closed', null],
  'attempts-used': ['All attempts are used', null],
  'handed-out': ['Another booker has this lead', null],
  'callback-due': ['This person asked to be called at another time', null],
  'callback-personal': ['A colleague has promised to call', null],
  'waiting-period': ['The waiting period after the last call runs', null],
  'outside-hours': ['Calls are made in office hours on Swedish working days', 'B10'],
  'no-number': ['There is no phone number', null],
  'nix-listed': ['The number is private and on the NIX register', 'B10'],
  'nix-unchecked': ['The number is private and was not checked against NIX', 'B10'],
  'nix-expired': ['The number was checked against NIX more than two months ago', 'B10'],
  'engagement-not-started': ['The engagement has not started', 'A5'],
  'engagement-ended': ['The engagement has ended', 'A5'],
} as const satisfies Record<string, readonly [string, string | null]>;
export type Block = keyof typeof BLOCKS;

/** A reason why a lead is not called now; `until`: when it ends by itself. */
export interface WhyNot {
  code: Block;
  until: Temporal.Instant | null;
}

export interface CallFacts extends LeadFacts {
  /** A hash of the person is on the suppression list. */
  saidNo: boolean;
  hasNumber: boolean;
  number: NumberFacts;
  claimedBy: string | null;
  callbackFor: string | null;
  /** The number's clock. */
  zone: string;
}

export interface EngagementFacts {
  startedAt: Temporal.Instant | null;
  endedAt: Temporal.Instant | null;
  erasing: boolean;
  zone: string;
}

/**
 * Every reason why this booker does not call this lead now; none = callable. A lead that was not informed is no reason: the call informs (B8).
 * @param realNow epoch milliseconds, for claims @param today the Swedish calendar day
 */
export function whyNotCallable(
  lead: CallFacts,
  engagement: EngagementFacts,
  rules: CallingRules,
  at: { now: Temporal.Instant; realNow: number; today: Temporal.PlainDate; bookerId: string },
): WhyNot[] {
  const why: WhyNot[] = [];
  const because = (code: Block, until: Temporal.Instant | null = null) => why.push({ code, until });
  const { now } = at;
  const nowMs = now.epochMilliseconds;
  if (lead.beingErased || engagement.erasing) because('being-erased');
  if (lead.state === 'objected' || lead.saidNo) because('suppressed');
  if (lead.restricted) because('restricted');
  if (lead.state === 'exhausted') because('attempts-used');
  if (lead.state === 'booked' || lead.state === 'interested' || lead.state === 'closed') because(lead.state);
  if (!lead.hasNumber) because('no-number');
  const nix = nixBlock(lead.number, at.today);
  if (nix) because(nix);
  if (lead.state === 'open') {
    if (lead.claimedUntil !== null && lead.claimedUntil >= at.realNow && lead.claimedBy !== at.bookerId)
      because('handed-out', Temporal.Instant.fromEpochMilliseconds(lead.claimedUntil));
    const later = lead.callableAt !== null && lead.callableAt > nowMs;
    const until = later ? Temporal.Instant.fromEpochMilliseconds(lead.callableAt!) : null;
    if (later) because(lead.queue === 0 ? 'callback-due' : 'waiting-period', until);
    if (lead.queue === 0 && lead.callbackFor !== null && lead.callbackFor !== at.bookerId) because('callback-personal');
    const promised = lead.queue === 0 && !later && lead.callableAt !== null && lead.callableAt >= nowMs - 3_600_000;
    if (!promised) {
      // Both clocks count: the office's and the number's.
      const opens = [engagement.zone, lead.zone].map((zone) => nextOpening(rules, now, zone));
      if (opens.some((o) => o === null)) because('outside-hours');
      else {
        const last = opens.reduce((a, b) => (Temporal.Instant.compare(a!, b!) > 0 ? a : b))!;
        if (Temporal.Instant.compare(last, now) > 0) because('outside-hours', last);
      }
    }
  }
  if (!engagement.startedAt || Temporal.Instant.compare(engagement.startedAt, now) > 0)
    because('engagement-not-started', engagement.startedAt);
  if (engagement.endedAt && Temporal.Instant.compare(engagement.endedAt, now) <= 0) because('engagement-ended');
  return why;
}
