import type { MeetingState } from './meeting.js';

/** What a CRM should know of one lead, and what it was told. */
export interface PushNeed {
  /** The lead showed interest; a booked meeting counts without it. */
  readonly interested: boolean;
  /** Counts up when the lead's fields change; 0 = never pushed. */
  readonly contact: { readonly revision: number; readonly pushed: number };
  readonly meetings: readonly {
    readonly bookingId: string;
    readonly state: MeetingState;
    readonly revision: number;
    /** Revision at the last success; 0 = never. */
    readonly pushed: number;
    /** A call was made for it, whatever came of it. */
    readonly attempted: boolean;
    /** End of the undo window of its last change: nothing is said of it before. */
    readonly tellAt: Temporal.Instant;
  }[];
}

export interface PushPlan {
  readonly contact: boolean;
  readonly bookingIds: readonly string[];
  /** When more will be behind: the end of the next undo window. */
  readonly nextAt: Temporal.Instant | null;
}

/** What is behind. Leads reach the client's CRM with a meeting or with interest; a meeting cancelled before anything was said of it (the undo
 * window) is never mentioned. */
export function planPush(need: PushNeed, now: Temporal.Instant): PushPlan {
  const behind = need.meetings.filter((m) => m.pushed < m.revision);
  const early = behind.filter((m) => Temporal.Instant.compare(m.tellAt, now) > 0);
  const [nextAt = null] = early.map((m) => m.tellAt).sort(Temporal.Instant.compare);
  const meetings = need.meetings.filter((m) => !early.includes(m) && (m.attempted || m.state !== 'cancelled'));
  const bookingIds = meetings.filter((m) => behind.includes(m)).map((m) => m.bookingId);
  const known = need.interested || meetings.length > 0 || need.contact.pushed > 0;
  return { contact: known && need.contact.pushed < need.contact.revision, bookingIds, nextAt };
}
