import { OUTCOMES } from '@avtala/contracts';
import type { CallingRules } from './calling-rules.js';

/** `open` may be handed out again when it is callable; `exhausted`: attempts used; the others wait for nobody. */
export const LEAD_STATES = ['open', 'interested', 'booked', 'closed', 'exhausted', 'objected'] as const;
export type LeadState = (typeof LEAD_STATES)[number];

/** What a booker may press. `not-connected` is no call: it counts no attempt, and nobody is told. */
export const PRESSED = [...OUTCOMES, 'not-connected'] as const;
export type Pressed = (typeof PRESSED)[number];

/** In the order in which leads are handed out: promises first, then who was never called, then who is tried again. */
export const QUEUES = { callback: 0, fresh: 1, retry: 2 } as const;

export interface Callback {
  at: Temporal.Instant;
  /** null = anybody of the engagement may keep it. */
  for: string | null;
}

/** Where a lead stands in the work of calling. */
export interface Standing {
  state: LeadState;
  attempts: number;
  queue: number;
  /** null = not called again. */
  callableAt: Temporal.Instant | null;
  /** Whose callback it is; null = anybody's, or none. */
  callbackFor: string | null;
}

export type CallDecision =
  | ({ ok: true } & Standing)
  | { ok: false; reason: 'callback-missing' | 'callback-past' | 'callback-unexpected' | 'already-objected' };

/** A call that did not connect may be tried again soon. */
const RECONNECT = { minutes: 5 };

/**
 * What each outcome does to a lead that is neither booked nor suppressed. `to`: its next state; `again`: when and in which queue it comes back.
 * `counts`: an attempt. `keeps`: states it leaves as they are, since less was learnt now than before.
 */
const TRANSITIONS: Record<
  Pressed,
  {
    to: LeadState | 'same';
    again?: 'no-answer' | 'busy' | 'callback' | 'soon';
    counts: boolean;
    keeps: readonly LeadState[];
  }
> = {
  'no-answer': { to: 'open', again: 'no-answer', counts: true, keeps: ['booked', 'closed'] },
  busy: { to: 'open', again: 'busy', counts: true, keeps: ['booked', 'closed'] },
  callback: { to: 'open', again: 'callback', counts: true, keeps: ['booked'] },
  interested: { to: 'interested', counts: true, keeps: ['booked'] },
  'not-interested': { to: 'closed', counts: true, keeps: [] },
  'not-a-fit': { to: 'closed', counts: true, keeps: [] },
  'wrong-number': { to: 'closed', counts: true, keeps: [] },
  booked: { to: 'booked', counts: true, keeps: [] },
  objected: { to: 'objected', counts: true, keeps: [] },
  'not-connected': { to: 'same', again: 'soon', counts: false, keeps: ['booked', 'closed', 'interested', 'exhausted'] },
};

/** What a call's outcome makes of the lead. @param now business time @param callback when the person asked to be called; with outcome `callback` only */
export function decideCall(
  lead: Standing,
  outcome: Pressed,
  now: Temporal.Instant,
  callback: Callback | null,
  rules: CallingRules,
): CallDecision {
  if (outcome === 'callback' && !callback) return { ok: false, reason: 'callback-missing' };
  if (outcome !== 'callback' && callback) return { ok: false, reason: 'callback-unexpected' };
  if (callback && Temporal.Instant.compare(callback.at, now) <= 0) return { ok: false, reason: 'callback-past' };
  // A "no" is never overwritten by what somebody types afterwards (B5).
  if (lead.state === 'objected' && outcome !== 'objected') return { ok: false, reason: 'already-objected' };

  const { to, again, counts, keeps } = TRANSITIONS[outcome];
  const attempts = lead.attempts + (counts ? 1 : 0);
  const rests = (state: LeadState): CallDecision => ({
    ok: true,
    state,
    attempts,
    queue: lead.queue,
    callableAt: null,
    callbackFor: null,
  });
  if (keeps.includes(lead.state)) return rests(lead.state);
  const comes = (queue: number, at: Temporal.Instant, callbackFor: string | null): CallDecision => ({
    ok: true,
    state: 'open',
    attempts,
    queue,
    callableAt: at,
    callbackFor,
  });
  switch (again) {
    case undefined:
      return rests(to === 'same' ? lead.state : to);
    case 'callback':
      return comes(QUEUES.callback, callback!.at, callback!.for);
    case 'soon':
      return comes(lead.queue, now.add(RECONNECT), lead.callbackFor);
    default:
      if (attempts >= rules.maxAttempts) return rests('exhausted');
      return comes(
        QUEUES.retry,
        now.add({ minutes: again === 'busy' ? rules.waitBusyMinutes : rules.waitNoAnswerMinutes }),
        null,
      );
  }
}

/** How long the last outcome may be taken back. Nobody is told of it before. */
export const UNDO_SECONDS = 10;

/** Final the moment it is said: nobody un-says a person's "no". */
export const isFinal = (outcome: string): boolean => outcome === 'objected';
