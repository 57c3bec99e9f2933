import { CRM_NAMES } from './crm-names.js';
import { list } from './formats.js';
import { type Language, words } from './words.js';

/** What receipts of an erasure count, before the number, and the systems they name. A name that is not here stands as it was sent. */
export const receipts = words(
  {
    counted: {
      leads: 'personer',
      keys: 'nycklar förstörda',
      left: 'kvar',
      pushes: 'överföringar stoppade',
      attempted: 'poster att fråga om',
      contacts: 'kontakter',
      meetings: 'möten',
      deleted: 'raderade',
      withdrawn: 'utan våra fält',
      archived: 'i papperskorgen',
      stuck: 'som inte gick',
      hubspot: 'i HubSpot',
      salesforce: 'i Salesforce',
      cancelled: 'möten avbokade',
      events: 'kalenderposter borttagna',
      bookings: 'bokningar',
    },
    systems: {
      ...CRM_NAMES,
      'google-calendar': 'Google Kalender',
      'caldav-calendar': 'CalDAV',
      mail: 'e-post',
    },
  },
  {
    counted: {
      leads: 'people',
      keys: 'keys destroyed',
      left: 'left',
      pushes: 'pushes stopped',
      attempted: 'records to ask about',
      contacts: 'contacts',
      meetings: 'meetings',
      deleted: 'deleted',
      withdrawn: 'without our fields',
      archived: 'in the bin',
      stuck: 'that failed',
      hubspot: 'in HubSpot',
      salesforce: 'in Salesforce',
      cancelled: 'meetings cancelled',
      events: 'calendar entries removed',
      bookings: 'bookings',
    },
    systems: {
      ...CRM_NAMES,
      'google-calendar': 'Google Calendar',
      'caldav-calendar': 'CalDAV',
      mail: 'mail',
    },
  },
);

/** The systems a receipt names, as a list. */
export function systemsOf(language: Language, names: readonly string[]): string {
  const known: Readonly<Record<string, string>> = receipts[language].systems;
  return list(
    language,
    names.map((name) => known[name] ?? name),
  );
}
