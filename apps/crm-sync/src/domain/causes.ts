import type { SyncState } from './push-states.js';

/** Why something was not told, as a closed set; what the vendor called it stands beside it. */
export const CAUSES = {
  'value-refused': 'The CRM does not take a value; the fields it names are listed',
  'field-missing': 'The CRM has no such field: the field mapping or the CRM’s settings must change',
  'not-permitted': 'The connection may not do this in the CRM: its permissions must change',
  duplicate: 'The CRM takes the person for somebody it has already',
  refused: 'The CRM refused, for a reason it names by a code only',
  'contact-failed': 'The person could not be told of, so the meeting was not either',
  'vendor-away': 'The CRM does not answer, or not properly',
  'rate-limit': 'The CRM asks us to be slower',
  'daily-limit': 'The CRM’s limit for the day is used up; it goes on when the CRM’s day is over',
  'reconnect-needed': 'The client took our access back: the connection must be made again',
  unclear: 'The CRM’s answer did not say what became of it',
  internal: 'Something went wrong on our side; it is tried again',
  'given-up': 'It failed too often for a reason of our own',
  'by-person': 'Somebody set it aside',
  'deleted-by-client': 'The client deleted the record: it is not made again',
  'erased-by-client':
    'The client erased the person for good: it is not made again, and the data protection officer decides',
  objected: 'The person said no',
  restricted: 'The person’s data is in dispute and stays untouched',
  'not-informed': 'The person has not been told where the data came from',
  erased: 'The person is being erased',
  'no-data': 'There is nothing to tell of the person',
} as const;
export type Cause = keyof typeof CAUSES;
export const CAUSE_CODES = Object.keys(CAUSES) as Cause[];

/** Codes of vendors, and our own for calls that did not come through. What is not here is `refused`. */
const OF_CODE: Readonly<Record<string, Cause>> = {
  VALIDATION_ERROR: 'value-refused',
  INVALID_EMAIL: 'value-refused',
  'http-400': 'value-refused',
  'http-422': 'value-refused',
  PROPERTY_DOESNT_EXIST: 'field-missing',
  'property-not-unique': 'field-missing',
  MISSING_SCOPES: 'not-permitted',
  'http-403': 'not-permitted',
  CONFLICT: 'duplicate',
  'http-409': 'duplicate',
  STRING_TOO_LONG: 'value-refused',
  INVALID_EMAIL_ADDRESS: 'value-refused',
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: 'value-refused',
  FIELD_CUSTOM_VALIDATION_EXCEPTION: 'value-refused',
  REQUIRED_FIELD_MISSING: 'value-refused',
  INVALID_FIELD: 'field-missing',
  'fields-missing': 'field-missing',
  INVALID_FIELD_FOR_INSERT_UPDATE: 'not-permitted',
  INSUFFICIENT_ACCESS_OR_READONLY: 'not-permitted',
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: 'not-permitted',
  API_DISABLED_FOR_ORG: 'not-permitted',
  DUPLICATES_DETECTED: 'duplicate',
  DUPLICATE_VALUE: 'duplicate',
  'contact-failed': 'contact-failed',
  'deleted-by-client': 'deleted-by-client',
  'erased-by-client': 'erased-by-client',
  'reconnect-needed': 'reconnect-needed',
  'crm-unclear': 'unclear',
  'hubspot-unclear': 'unclear',
  'salesforce-unclear': 'unclear',
  unclear: 'unclear',
  'hubspot-rate-limit': 'rate-limit',
  'hubspot-no-time-left': 'rate-limit',
  'salesforce-crowded': 'rate-limit',
  'salesforce-no-time-left': 'rate-limit',
  'daily-limit': 'daily-limit',
  objected: 'objected',
  restricted: 'restricted',
  'not-informed': 'not-informed',
  erased: 'erased',
  unknown: 'no-data',
  'no-data': 'no-data',
};

/** @param code the vendor's, or ours */
export const causeOf = (code: string): Cause => OF_CODE[code] ?? 'refused';

/** @param code of an error after which the work is tried again by itself */
export const causeOfDelay = (code: string): Cause => OF_CODE[code] ?? 'vendor-away';

/** The rule that let it leave, or that stopped it; promises by their ids. */
export interface SyncRule {
  readonly promises: readonly string[];
  readonly sentence: string;
}

const STOPPED: Partial<Record<Cause, SyncRule>> = {
  objected: { promises: ['B5', 'F5'], sentence: 'Who objected is never processed again' },
  restricted: { promises: ['F4'], sentence: 'Restricted data is stored and not otherwise processed' },
  'not-informed': { promises: ['B8'], sentence: 'Nothing leaves before the person was told where the data came from' },
  erased: { promises: ['E1', 'F3'], sentence: 'Nothing is told of a person who is being erased' },
  'no-data': { promises: ['D2'], sentence: 'The mapping lets nothing of this person through' },
  'deleted-by-client': { promises: ['D1'], sentence: 'What the client deleted is not made again' },
  'erased-by-client': { promises: ['B5', 'D1'], sentence: 'Whom the client erased is not brought back' },
};
const LET_THROUGH: SyncRule = {
  promises: ['B5', 'B8', 'D2'],
  sentence:
    'Nobody’s no stood against it, the person had been told, and only fields on the mapping’s list were written',
};

/** @returns null while no rule has been asked yet */
export function ruleOf(state: SyncState, cause: Cause | null, tries: number): SyncRule | null {
  if (state === 'blocked') return (cause && STOPPED[cause]) ?? null;
  return tries > 0 ? LET_THROUGH : null;
}
