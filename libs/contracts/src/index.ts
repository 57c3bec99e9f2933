export { AppError, fixedError, Missing, RetryLater, type ErrorKind } from './app-error.js';
export { canonicalJson } from './canonical-json.js';
export {
  CONTACT_PURPOSES,
  CONTACT_REFUSALS,
  type Contact,
  type ContactAnswer,
  type ContactPurpose,
  type ContactRefusal,
  type Notice,
} from './contact-door.js';
export {
  allEvents,
  DomainEvent,
  DomainEventBase,
  eventClassOf,
  EventInvalid,
  metaOf,
  parseEvent,
  type EventClass,
  type EventMeta,
  type ServiceName,
} from './domain-event.js';
export {
  CRM_ERASURES,
  EngagementChanged,
  EngagementEnded,
  EngagementStarted,
  GROUNDS,
  type CrmErasure,
  type Ground,
} from './events/agency.js';
export { CrmPersonErased, CrmRecordSynced, CrmSyncFailed } from './events/crm-sync.js';
export {
  LeadChanged,
  LeadContacted,
  LeadErasureAsked,
  LeadObjected,
  LeadRegistered,
  LeadReleased,
  LeadRestricted,
  OUTCOMES,
  type Outcome,
} from './events/lead-intake.js';
export {
  ERASURE_REASONS,
  ERASURE_RECIPIENTS,
  EngagementErasureOrdered,
  ErasureCleared,
  ErasureCompleted,
  ErasureIncomplete,
  ErasureReceipt,
  LeadErasureOrdered,
  LeadSaidNo,
  RECEIPT_PHASES,
  SLOWEST_PURGE_DAYS,
  type ErasureReason,
  type ErasureRecipient,
  type ReceiptPhase,
} from './events/retention.js';
export {
  BookingLinkAnswered,
  INVITE_FAILURES,
  InviteDelivered,
  InviteFailed,
  LINK_ANSWERS,
  MeetingBooked,
  MeetingCancelled,
  MeetingHeld,
  MeetingMissed,
  MeetingMoved,
} from './events/scheduling.js';
export { IsCalendarDate, IsInstant, IsTimeZone, isTimeZone, isUsableInstant } from './fields.js';
export { quickRead } from './quick-read.js';
