import type { Role } from '@avtala/access';
import {
  BookingLinkAnswered,
  CrmPersonErased,
  CrmRecordSynced,
  CrmSyncFailed,
  EngagementChanged,
  EngagementEnded,
  EngagementErasureOrdered,
  EngagementStarted,
  ErasureCleared,
  ErasureCompleted,
  ErasureIncomplete,
  ErasureReceipt,
  InviteDelivered,
  InviteFailed,
  LeadChanged,
  LeadContacted,
  LeadErasureAsked,
  LeadErasureOrdered,
  LeadObjected,
  LeadRegistered,
  LeadReleased,
  LeadRestricted,
  LeadSaidNo,
  MeetingBooked,
  MeetingCancelled,
  MeetingHeld,
  MeetingMissed,
  MeetingMoved,
  metaOf,
  type DomainEventBase,
  type EventClass,
} from '@avtala/contracts';

export const LIVE_KINDS = ['lead', 'meeting', 'invite', 'push', 'engagement', 'erasure'] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];

/** What is shown of one event: ids and a state, nothing about a person. */
export interface Shown {
  readonly kind: LiveKind;
  readonly state: string;
  readonly ids: readonly string[];
}

type Show = readonly [roles: readonly Role[], shown: Shown];

const BOOKER: readonly Role[] = ['booker'];
const OVERSIGHT: readonly Role[] = ['supervisor', 'admin', 'dpo'];
const STAFF: readonly Role[] = [...BOOKER, ...OVERSIGHT];
const CLIENT: readonly Role[] = ['client'];
const EVERYBODY: readonly Role[] = [...STAFF, ...CLIENT];

const lead = (state: string): Shown => ({ kind: 'lead', state, ids: ['leadId'] });
/** Bookers hear that a lead is theirs no more, and never why: not a "no", not a restriction, not an erasure. */
const revoked = (state: string): Show[] => [
  [BOOKER, lead('gone')],
  [OVERSIGHT, lead(state)],
];
/** Clients see their meetings, not which of our leads it is. */
const meeting = (state: string): Show[] => [
  [STAFF, { kind: 'meeting', state, ids: ['bookingId', 'leadId', 'hostId'] }],
  [CLIENT, { kind: 'meeting', state, ids: ['bookingId', 'hostId'] }],
];
const invite = (state: string): Show[] => [[STAFF, { kind: 'invite', state, ids: ['bookingId'] }]];
const push = (state: string): Show[] => [
  [OVERSIGHT, { kind: 'push', state, ids: ['leadId', 'connectionId', 'bookingId'] }],
];
const engagement = (state: string): Show => [EVERYBODY, { kind: 'engagement', state, ids: [] }];
const erasure = (state: string): Show => [OVERSIGHT, { kind: 'erasure', state, ids: ['orderId', 'leadId'] }];
const proof = (state: string): Show[] => [erasure(state), [CLIENT, { kind: 'erasure', state, ids: ['orderId'] }]];

/** Who is shown what of which event. A role that is not named hears nothing of it. */
const SHOWN = new Map<EventClass, readonly Show[]>([
  [LeadRegistered, [[STAFF, { kind: 'lead', state: 'registered', ids: [] }]]], // an import is thousands: they are counted
  [LeadChanged, [[STAFF, lead('changed')]]],
  [LeadContacted, [[STAFF, lead('contacted')]]],
  [BookingLinkAnswered, [[STAFF, lead('answered')]]],
  [LeadObjected, revoked('objected')],
  [LeadRestricted, revoked('restricted')],
  [
    LeadReleased,
    [
      [BOOKER, lead('changed')],
      [OVERSIGHT, lead('released')],
    ],
  ],
  [LeadErasureOrdered, [...revoked('erasing'), erasure('ordered')]],
  [EngagementErasureOrdered, [engagement('erasing'), erasure('ordered')]],
  [ErasureReceipt, [erasure('receipt')]],
  [ErasureCleared, [erasure('cleared')]],
  [ErasureCompleted, proof('completed')],
  [ErasureIncomplete, proof('incomplete')],
  [MeetingBooked, meeting('booked')],
  [MeetingMoved, meeting('moved')],
  [MeetingCancelled, meeting('cancelled')],
  [MeetingHeld, meeting('held')],
  [MeetingMissed, meeting('missed')],
  [InviteDelivered, invite('delivered')],
  [InviteFailed, invite('failed')],
  [CrmRecordSynced, push('synced')],
  [CrmSyncFailed, push('failed')],
  [EngagementStarted, [engagement('started')]],
  [EngagementChanged, [engagement('changed')]],
  [EngagementEnded, [engagement('ended')]],
]);

/** Events no screen is told of, since another one follows that says what came of them. A test holds every event to be in one of the two. */
export const UNSHOWN: readonly EventClass[] = [LeadErasureAsked, LeadSaidNo, CrmPersonErased];

export const SHOWN_EVENTS: readonly EventClass[] = [...SHOWN.keys()];

const byType = new Map([...SHOWN].map(([eventClass, shows]) => [metaOf(eventClass).type, shows]));

/** What this role is shown of the event; most often one thing, of an erasure order two. */
export function shownTo(role: Role, type: string): readonly Shown[] {
  return (byType.get(type) ?? []).filter(([roles]) => roles.includes(role)).map(([, shown]) => shown);
}

/** Whether several of this type in a row are one message with a count. */
export function isCounted(type: string): boolean {
  return type === metaOf(LeadRegistered).type;
}

/** Ids named in `shown` that the event has; an absent one is left out. */
export function idsOf(shown: Shown, event: Partial<Record<string, unknown>> | DomainEventBase): Record<string, string> {
  const facts = event as Record<string, unknown>;
  return Object.fromEntries(
    shown.ids.flatMap((name) => (typeof facts[name] === 'string' ? [[name, facts[name]] as const] : [])),
  );
}
