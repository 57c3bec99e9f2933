import type { MeetingState } from './meeting.js';
import type { Words } from './words.js';

/** An event has no outcome of its own in Salesforce: it stands in the subject, and a cancelled one leaves the time free. */
const OUTCOMES: Readonly<Record<MeetingState, string>> = {
  booked: '',
  cancelled: 'Cancelled: ',
  held: 'Held: ',
  missed: 'No-show: ',
};

/** Salesforce makes no lead without these, and lets nobody empty them afterwards. */
const REQUIRED = ['LastName', 'Company'] as const;
const UNKNOWN = '[unknown]';
const ERASED = '[erased]';

export const SALESFORCE_WORDS: Words = {
  leadKey: 'Avtala_Lead_Key__c',
  bookingKey: 'Avtala_Booking_Key__c',
  email: 'Email',
  moreEmails: undefined,
  defaultMapping: {
    name: 'FirstName LastName',
    company: 'Company',
    title: 'Title',
    email: 'Email',
    phone: 'Phone',
    social: null,
  },
  property: /^[A-Za-z][A-Za-z0-9_]{0,79}$/,
  reserved:
    /^(Id|OwnerId|Name|IsDeleted|SystemModstamp|(Created|LastModified|Converted).*|IsConverted|MasterRecordId)$/,
  meetingTexts: ['Subject', 'Description', 'Location'],
  optsOut: true,
  purgesBin: true,
  meetingFields: ['Subject', 'Description', 'Location', 'StartDateTime', 'EndDateTime', 'ShowAs'],
  meeting: (meeting, name) => ({
    Subject: `${OUTCOMES[meeting.state]}${name ? `Meeting with ${name}` : 'Meeting'}`.slice(0, 255),
    Description: 'Booked by Avtala',
    StartDateTime: utc(meeting.startsAt),
    EndDateTime: utc(meeting.endsAt),
    ShowAs: meeting.state === 'cancelled' ? 'Free' : 'Busy',
  }),
  // Whoever has one name has it as the last name: the first may be missing, the last may not.
  arrange({ FirstName, LastName, ...rest }) {
    if (LastName) return { ...rest, LastName, ...(FirstName ? { FirstName } : {}) };
    return { ...rest, ...(FirstName ? { LastName: FirstName } : {}) };
  },
  complete: (properties) => ({ ...Object.fromEntries(REQUIRED.map((p) => [p, UNKNOWN])), ...properties }),
  emptied: (property) => ((REQUIRED as readonly string[]).includes(property) ? ERASED : ''),
};

/** As the vendor spells a moment, so that what is read back equals what was written. */
const utc = (iso: string): string =>
  `${Temporal.Instant.from(iso).toString({ fractionalSecondDigits: 3 }).slice(0, -1)}+0000`;
