import type { Block } from '../domain/lead-status.js';

class HoursBody {
  readonly from!: string;
  readonly until!: string;
}

export class RulesBody {
  readonly maxAttempts!: number;
  readonly waitNoAnswerMinutes!: number;
  readonly waitBusyMinutes!: number;
  readonly callbackGraceMinutes!: number;
  readonly hours!: HoursBody;
  readonly weekdays!: number[];
  readonly onHolidays!: boolean;
  readonly onEves!: boolean;
  /** 0: the defaults, never changed. */
  readonly version!: number;
}

class WhyNotBody {
  readonly code!: Block;
  readonly sentence!: string;
  /** When the reason ends by itself. */
  readonly until!: string | null;
  /** The promise behind it, as docs/promises.md names it. */
  readonly promise!: string | null;
}

export class CallableBody {
  readonly callable!: boolean;
  readonly reasons!: WhyNotBody[];
}

class BlockedBody {
  readonly code!: Block;
  readonly count!: number;
}

class NextBody {
  readonly company!: string | null;
  readonly reason!: 'callback' | 'new' | 'retry';
  /** Which call it will be: 1 for who was never called. */
  readonly attempt!: number;
}

class PromisedBody {
  readonly company!: string | null;
  readonly at!: string;
  /** The caller's own promise; else anybody of the engagement may keep it. */
  readonly mine!: boolean;
}

class LastOutcomeBody {
  readonly id!: string;
  readonly at!: string;
  readonly outcome!: string;
  readonly company!: string | null;
  /** When the lead may be called again. */
  readonly callableAt!: string | null;
}

class DayCountBody {
  readonly attempts!: number;
  readonly conversations!: number;
  readonly meetings!: number;
}

class HourBody extends DayCountBody {
  /** 0 to 23, on the Swedish clock. */
  readonly hour!: number;
}

class OutcomeCountBody {
  readonly outcome!: string;
  readonly count!: number;
}

export class MyDayBody extends DayCountBody {
  readonly on!: string;
  /** Hours in which something was recorded. */
  readonly hours!: HourBody[];
  readonly outcomes!: OutcomeCountBody[];
}

export class QueueBody {
  readonly dueCallbacks!: number;
  readonly callableNow!: number;
  readonly nextCallableAt!: string | null;
  readonly blocked!: BlockedBody[];
  readonly next!: NextBody[];
  /** Callbacks of today and before that the caller may keep. */
  readonly callbacks!: PromisedBody[];
  /** What the caller recorded today, the newest first. */
  readonly last!: LastOutcomeBody[];
}

class CallbackBody {
  readonly leadId!: string;
  readonly engagementId!: string;
  readonly at!: string;
  readonly userId!: string | null;
  readonly overdue!: boolean;
}

export class CallbackPage {
  readonly items!: CallbackBody[];
  readonly next!: string | null;
}

export class Moved {
  readonly leadId!: string;
  readonly userId!: string | null;
}

export class Noted {
  readonly id!: string;
}

export class Undone {
  readonly id!: string;
  readonly leadId!: string;
}
