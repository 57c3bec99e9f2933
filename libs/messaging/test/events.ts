import { LeadChanged, LeadErasureOrdered, LeadObjected, LeadRegistered, MeetingBooked } from '@avtala/contracts';
import { randomUUID } from 'node:crypto';

export const ENGAGEMENT = '0b0f3c54-5d3e-4a53-9d3f-2f8f6f0a1c01';
const AT = '2027-03-01T09:00:00Z';

export const newLead = (): string => randomUUID();

/** The n-th change of a lead. */
export const changed = (leadId: string, n: number, engagementId = ENGAGEMENT): LeadChanged =>
  LeadChanged.of({ leadId, engagementId, leadVersion: n, fields: ['title'] });

export const registered = (leadId: string, n = 1, engagementId = ENGAGEMENT): LeadRegistered =>
  LeadRegistered.of({
    leadId,
    engagementId,
    leadVersion: n,
    timeZone: 'Europe/Stockholm',
    ground: 'consent',
    obtainedAt: AT,
  });

export const objected = (leadId: string, n: number): LeadObjected =>
  LeadObjected.of({ leadId, engagementId: ENGAGEMENT, leadVersion: n, objectedAt: AT });

export const erasureOrdered = (leadId: string, orderId = randomUUID()): LeadErasureOrdered =>
  LeadErasureOrdered.of({ orderId, leadId, engagementId: ENGAGEMENT, reason: 'request', orderedAt: AT });

export const booked = (leadId: string): MeetingBooked =>
  MeetingBooked.of({
    bookingId: randomUUID(),
    leadId,
    engagementId: ENGAGEMENT,
    hostId: randomUUID(),
    meetingTypeId: randomUUID(),
    startsAt: '2027-03-08T09:00:00Z',
    endsAt: '2027-03-08T09:30:00Z',
    timeZone: 'Europe/Stockholm',
    sequence: 0,
    decidedAt: AT,
  });
