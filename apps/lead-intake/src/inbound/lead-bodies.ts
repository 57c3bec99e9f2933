import type { Ground } from '@avtala/contracts';
import type { HandedOut } from '../services/calling.service.js';
import type { LeadView } from '../services/leads.service.js';

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
  readonly restricted!: boolean;
  readonly informedAt!: string | null;
  readonly callableAt!: string | null;
  readonly notice!: NoticeBody;
  readonly activities!: LeadActivityBody[];
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
  readonly numberKind!: 'company' | 'private' | null;
  readonly heldUntil!: string;
}

export class NextBody {
  readonly lead!: HandedOutBody;
}

export class TakenInBody {
  readonly id!: string;
  readonly outcome!: 'accepted' | 'merged';
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
