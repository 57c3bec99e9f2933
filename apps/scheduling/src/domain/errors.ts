import { AppError, fixedError } from '@avtala/contracts';

/** Somebody has the host at that time, here or in the host's own calendar. */
export class SlotTaken extends AppError {
  readonly code = 'slot-taken';
  readonly kind = 'conflict';
  constructor(hostId: string | undefined, startsAt: Temporal.Instant, options?: ErrorOptions) {
    super('That slot was just taken', { hostId, startsAt: startsAt.toString() }, options);
  }
}

export type BookingRefusal =
  | 'start-in-past'
  | 'too-soon'
  | 'beyond-horizon'
  | 'not-on-grid'
  | 'outside-hours'
  | 'time-unchanged'
  | 'host-unchanged'
  | 'day-full';

const SENTENCES: Readonly<Record<BookingRefusal, string>> = {
  'start-in-past': 'That time has passed',
  'too-soon': 'That is sooner than this meeting type allows',
  'beyond-horizon': 'That is further ahead than this meeting type allows',
  'not-on-grid': 'Meetings of this type start at the steps the slots show',
  'outside-hours': 'The host does not work then',
  'time-unchanged': 'The meeting is at that time already',
  'host-unchanged': 'The meeting is with that host already',
  'day-full': 'The host has as many meetings of this type that day as the type allows',
};

/** A start that the meeting type's rules or the host's hours do not allow. */
export class StartRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(
    readonly code: BookingRefusal,
    facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(SENTENCES[code], facts);
  }
}

/** The host's own calendar could not be read; what cannot be read counts as busy. */
export class CalendarUnreadable extends AppError {
  readonly code = 'calendar-unreadable';
  readonly kind = 'conflict';
  constructor(hostId: string) {
    super('The calendar of the host cannot be read now, so nothing is booked into it', { hostId });
  }
}

/** The person said no, is in dispute, or is being erased (B5, F4, F5). */
export class LeadNotBookable extends AppError {
  readonly code: string;
  readonly kind = 'conflict';
  constructor(status: 'objected' | 'restricted' | 'erased' | 'not-informed') {
    super('This person may not be contacted', { status });
    this.code = `lead-${status}`;
  }
}

/** Booking is refused from the instant access ends (A5), and before it begins. */
export class EngagementNotOpen extends AppError {
  readonly kind = 'conflict';
  constructor(readonly code: 'engagement-ended' | 'engagement-not-started') {
    super(code === 'engagement-ended' ? 'The engagement has ended' : 'The engagement has not begun');
  }
}

/** What was asked does not follow from the state the meeting is in. */
export class ChangeRefused extends AppError {
  readonly kind = 'conflict';
  constructor(readonly code: ChangeRefusal) {
    super('The meeting is not in a state for that');
  }
}

export type ChangeRefusal =
  'booking-cancelled' | 'booking-held' | 'booking-missed' | 'meeting-started' | 'meeting-not-started' | 'meeting-over';

/** A range of time that runs backwards or is longer than we answer. */
export class RangeInvalid extends AppError {
  readonly kind = 'invalid';
  constructor(readonly code: 'range-backwards' | 'range-too-long' | 'hours-backwards') {
    super(
      {
        'range-backwards': 'The end must be after the start',
        'range-too-long': 'Ask for at most 62 days at a time',
        'hours-backwards': 'Working hours must end after they begin',
      }[code],
    );
  }
}

export class CalendarConnected extends fixedError(
  'conflict',
  'calendar-already-connected',
  'That host has a calendar already',
) {}

export class CalendarChoiceNeeded extends fixedError(
  'conflict',
  'calendar-choice-needed',
  'That person has several calendars: name one',
) {}
