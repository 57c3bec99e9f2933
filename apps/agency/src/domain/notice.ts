/** What of the contract decides on a notice. */
export interface Term {
  /** Day on which the contract takes effect, in Sweden. */
  readonly startsOn: Temporal.PlainDate;
  /** Whole months from that day, at least one (A1). */
  readonly bindingMonths: number;
}

export type NoticeDecision =
  | { ok: true; lastDay: Temporal.PlainDate }
  | { ok: false; reason: 'binding-period'; earliestOn: Temporal.PlainDate }
  | { ok: false; reason: 'ends-too-early'; earliestEndOn: Temporal.PlainDate };

/** First day on which notice can be given: the day after the binding months (A1); 31 Jan + 1 month = 28 Feb. */
export function earliestNoticeOn(term: Term): Temporal.PlainDate {
  return term.startsOn.add({ months: term.bindingMonths });
}

/** Whether notice can be given on a day, and the contract's last day then: the last of the calendar month that is paid
 * for (A2, A5), or a later day the client asks for.
 * @param noticeOn Swedish calendar day of the notice
 * @param endsOn wished last day, inclusive */
export function decideNotice(term: Term, noticeOn: Temporal.PlainDate, endsOn?: Temporal.PlainDate): NoticeDecision {
  const earliestOn = earliestNoticeOn(term);
  if (Temporal.PlainDate.compare(noticeOn, earliestOn) < 0) return { ok: false, reason: 'binding-period', earliestOn };
  const paidTo = noticeOn.with({ day: noticeOn.daysInMonth });
  if (endsOn && Temporal.PlainDate.compare(endsOn, paidTo) < 0) {
    return { ok: false, reason: 'ends-too-early', earliestEndOn: paidTo };
  }
  return { ok: true, lastDay: endsOn ?? paidTo };
}
