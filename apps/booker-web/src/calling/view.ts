import type { Lead } from './desk-api.js';

/** A time chosen for the meeting. `kept`: nobody else can book it until then. */
export interface Chosen {
  readonly meetingTypeId: string;
  readonly hostId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly kept?: { readonly id: string; readonly until: string; readonly day: boolean };
}

/** Why a lead left the screen while it was on it. */
export type Revoked = 'suppressed' | 'restricted' | 'being-erased' | 'engagement-ended';
export const REVOKED: readonly string[] = ['suppressed', 'restricted', 'being-erased', 'engagement-ended'] satisfies Revoked[]; // prettier-ignore

/** One lead on the screen, with everything that was done to it there. Lives in the page's memory and nowhere else. */
export interface View {
  readonly lead: Lead;
  readonly said: boolean;
  readonly note: string;
  readonly step: number;
  readonly branch: number | undefined;
  readonly chosen: Chosen | undefined;
  /** Times by `performance.now()`. */
  readonly callStartedAt: number | undefined;
  readonly callEndedAt: number | undefined;
  readonly revoked: Revoked | undefined;
  /** Why it came back: a code of the API's, or `note-stops`. */
  readonly problem: string | undefined;
  /** A chosen time that somebody else got. */
  readonly lost: string | undefined;
}

export const viewOf = (lead: Lead): View => ({
  lead,
  said: false,
  note: '',
  step: 0,
  branch: undefined,
  chosen: undefined,
  callStartedAt: undefined,
  callEndedAt: undefined,
  revoked: undefined,
  problem: undefined,
  lost: undefined,
});

export const inCall = (view: View | undefined): boolean =>
  view?.callStartedAt !== undefined && view.callEndedAt === undefined;

/** `Karin` of `Karin Söderlund`. */
export const firstNameOf = (name: string): string => name.trim().split(/\s+/)[0] ?? name;
