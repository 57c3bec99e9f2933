import type { Outcome } from '@avtala/contracts';

/** `open` may be handed out again when it is callable; the others wait for nobody. */
export const LEAD_STATES = ['open', 'interested', 'booked', 'closed', 'objected'] as const;
export type LeadState = (typeof LEAD_STATES)[number];

export type CallDecision =
  | { ok: true; state: LeadState; callableAt: Temporal.Instant | null }
  | { ok: false; reason: 'callback-missing' | 'callback-past' | 'callback-unexpected' | 'already-objected' };

const AGAIN_AFTER = { hours: 24 };

/** What a call's outcome makes of the lead. `callableAt` null = not called again.
 * @param now business time
 * @param callbackAt when the person asked to be called; with outcome `callback` only */
export function decideCall(
  state: LeadState,
  outcome: Outcome,
  now: Temporal.Instant,
  callbackAt: Temporal.Instant | null,
): CallDecision {
  if (outcome === 'callback' && !callbackAt) return { ok: false, reason: 'callback-missing' };
  if (outcome !== 'callback' && callbackAt) return { ok: false, reason: 'callback-unexpected' };
  if (callbackAt && Temporal.Instant.compare(callbackAt, now) <= 0) return { ok: false, reason: 'callback-past' };
  // A "no" is never overwritten by what somebody types afterwards (B5).
  if (state === 'objected' && outcome !== 'objected') return { ok: false, reason: 'already-objected' };
  const stays = (next: LeadState): CallDecision => ({ ok: true, state: next, callableAt: null });
  switch (outcome) {
    case 'objected':
      return stays('objected');
    case 'booked':
      return stays('booked');
    case 'interested':
      return stays(state === 'booked' ? 'booked' : 'interested');
    case 'not-interested':
    case 'wrong-number':
      return stays('closed');
    case 'callback':
      return state === 'booked' ? stays('booked') : { ok: true, state: 'open', callableAt: callbackAt };
    case 'no-answer':
      return state === 'booked' ? stays('booked') : { ok: true, state: 'open', callableAt: now.add(AGAIN_AFTER) };
  }
}
