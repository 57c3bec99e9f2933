import type { MeetingState } from './meeting.js';
import type { Words } from './words.js';

const OUTCOMES: Readonly<Record<MeetingState, string>> = {
  booked: 'SCHEDULED',
  cancelled: 'CANCELED',
  held: 'COMPLETED',
  missed: 'NO_SHOW',
};

/** The UID the invite carries too (libs/mail), so that a calendar that syncs into the CRM meets our record instead of making a second one. */
const calendarUid = (bookingId: string): string => bookingId;

export const LEAD_KEY = 'avtala_lead_key';
export const BOOKING_KEY = 'avtala_booking_key';
export const MORE_EMAILS = 'hs_additional_emails';

const TEXTS = ['hs_meeting_title', 'hs_meeting_body', 'hs_meeting_location'] as const;

export const HUBSPOT_WORDS: Words = {
  leadKey: LEAD_KEY,
  bookingKey: BOOKING_KEY,
  email: 'email',
  moreEmails: MORE_EMAILS,
  defaultMapping: {
    name: 'firstname lastname',
    company: 'company',
    title: 'jobtitle',
    email: 'email',
    phone: 'phone',
    social: null,
  },
  property: /^[a-z][a-z0-9_]{0,99}$/,
  reserved: /^hs_object_/,
  meetingTexts: TEXTS,
  optsOut: false,
  purgesBin: false,
  meetingFields: [
    ...TEXTS,
    'hs_timestamp',
    'hs_meeting_start_time',
    'hs_meeting_end_time',
    'hs_meeting_outcome',
    'hs_i_cal_uid',
  ],
  meeting: (meeting, name) => ({
    hs_timestamp: meeting.startsAt,
    hs_meeting_start_time: meeting.startsAt,
    hs_meeting_end_time: meeting.endsAt,
    hs_meeting_title: name ? `Meeting with ${name}` : 'Meeting',
    hs_meeting_body: 'Booked by Avtala',
    hs_meeting_outcome: OUTCOMES[meeting.state],
    hs_i_cal_uid: calendarUid(meeting.bookingId),
  }),
  arrange: (properties) => ({ ...properties }),
  complete: (properties) => ({ ...properties }),
  emptied: () => '',
};
