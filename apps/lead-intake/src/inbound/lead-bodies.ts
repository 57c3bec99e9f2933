import type { Ground } from '@avtala/contracts';
import type { HandedOut } from '../services/calling.service.js';
import type { LeadStatus } from '../domain/lead-status.js';
import type { LeadStanding, LeadView } from '../services/leads.service.js';

class NoticeBody {
  readonly source!: string;
  readonly ground!: Ground;
  readonly obtainedAt!: string;
  readonly controller!: string;
  /** The sentence to say. */
  readonly text!: string;
}

/** Who somebody is. What is not known, or masked, is left out. */
class PersonBody {
  readonly name!: string;
  readonly company?: string;
  readonly title?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly social?: string;
}

/** What the person agreed to (B4). Texts about the wording, never about the person. */
class ConsentBody {
  readonly version!: string;
  readonly wording!: string;
  readonly how!: string;
  readonly givenAt!: string;
  readonly proof!: string;
}

/** What is known of the number itself (B10). */
class NumberBody {
  readonly kind!: 'company' | 'private' | null;
  /** Day on which it was checked against NIX. */
  readonly nixOn!: string | null;
  readonly listed!: boolean;
}

class LeadActivityBody {
  readonly id!: string;
  readonly at!: string;
  readonly userId!: string | null;
  readonly outcome!: string;
  readonly informed!: boolean;
  readonly callbackAt!: string | null;
  readonly note!: string | null;
}

/** One lead as its reader may see it. */
export class LeadBody extends PersonBody implements LeadView {
  readonly masked!: boolean;
  readonly id!: string;
  readonly engagementId!: string;
  readonly version!: number;
  readonly state!: string;
  /** Its one word, as in the list. */
  readonly status!: LeadStatus;
  readonly restricted!: boolean;
  readonly informedAt!: string | null;
  readonly callableAt!: string | null;
  readonly attempts!: number;
  /** Last moment at which the person can still be told in time (B8). */
  readonly noticeBy!: string;
  readonly supplier!: string | null;
  readonly consent!: ConsentBody | null;
  readonly number!: NumberBody;
  readonly notice!: NoticeBody;
  readonly activities!: LeadActivityBody[];
}

class EarlierCallBody {
  readonly at!: string;
  /** It was the caller. */
  readonly mine!: boolean;
  readonly outcome!: string;
  readonly note!: string | null;
}

/** A lead that is the booker's from now until `heldUntil`. */
class HandedOutBody extends PersonBody implements HandedOut {
  readonly id!: string;
  readonly engagementId!: string;
  readonly version!: number;
  readonly notice!: NoticeBody;
  readonly queue!: 'callback' | 'new' | 'retry';
  readonly attempts!: number;
  readonly timeZone!: string;
  readonly mailLanguage!: 'sv' | 'en';
  readonly numberKind!: 'company' | 'private' | null;
  readonly heldUntil!: string;
  readonly informedAt!: string | null;
  readonly noticeBy!: string;
  readonly maxAttempts!: number;
  readonly nixOn!: string | null;
  readonly earlier!: EarlierCallBody[];
}

export class NextBody {
  readonly lead!: HandedOutBody;
}

export class TakenInBody {
  readonly id!: string;
  readonly outcome!: 'accepted' | 'merged';
}

/** Whether a lead is still what somebody looks at. */
export class StandingBody implements LeadStanding {
  readonly id!: string;
  readonly engagementId!: string;
  readonly version!: number;
  readonly status!: LeadStatus;
}

export class CorrectedBody {
  readonly id!: string;
  readonly version!: number;
}

export class OutcomeBody {
  readonly id!: string;
}

export class SuppressedBody {
  readonly suppressed!: boolean;
}

export class SuppressionCheckBody {
  /** Nobody of our clients may use it, ever. */
  readonly everywhere!: boolean;
  /** Clients that may not use it: of a reply under `erase_on_reply`, or a "no" towards one. */
  readonly clientIds!: string[];
}
