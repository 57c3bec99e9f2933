/** In the order of the screen: what needs a person first. */
export const STATES = ['parked', 'retrying', 'sent', 'queued', 'blocked', 'confirmed', 'skipped'] as const;
export type State = (typeof STATES)[number];

export const CAUSES = [
  'value-refused',
  'field-missing',
  'not-permitted',
  'duplicate',
  'refused',
  'contact-failed',
  'vendor-away',
  'rate-limit',
  'daily-limit',
  'reconnect-needed',
  'unclear',
  'internal',
  'given-up',
  'by-person',
  'deleted-by-client',
  'erased-by-client',
  'objected',
  'restricted',
  'not-informed',
  'erased',
  'no-data',
] as const;
export type Cause = (typeof CAUSES)[number];

export const SKIP_REASONS = ['told-otherwise', 'not-needed', 'client-asked', 'wrong-record'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What a person may do about a push in a state; the server has the last word (crm-sync, push-states.ts). */
export const may = {
  retry: (state: State): boolean => state === 'parked' || state === 'retrying' || state === 'skipped',
  park: (state: State): boolean => state === 'queued' || state === 'retrying',
  skip: (state: State): boolean => state === 'parked' || state === 'retrying' || state === 'queued',
  linkAnew: (state: State, cause: Cause | null): boolean => state === 'blocked' && cause === 'deleted-by-client',
};
