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
  }[];
}

export interface PushPlan {
  readonly contact: boolean;
  readonly bookingIds: readonly string[];
}

/** What is behind. Leads reach the client's CRM with a meeting or with interest; a meeting cancelled before anything was said of it (the undo
 * window) is never mentioned. */
export function planPush(need: PushNeed): PushPlan {
  const meetings = need.meetings.filter((m) => m.attempted || m.state !== 'cancelled');
  const bookingIds = meetings.filter((m) => m.pushed < m.revision).map((m) => m.bookingId);
  const known = need.interested || meetings.length > 0 || need.contact.pushed > 0;
  return { contact: known && need.contact.pushed < need.contact.revision, bookingIds };
}
