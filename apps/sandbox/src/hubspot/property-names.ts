/** A property of an object type, as the vendor describes it. */
export interface PropertyDefinition {
  name: string;
  label: string;
  type: string;
  fieldType: string;
  groupName: string;
  description: string;
  hasUniqueValue: boolean;
  hubspotDefined: boolean;
  readOnly: boolean;
  options: { label: string; value: string; displayOrder: number; hidden: boolean }[];
}

export const OBJECT_TYPES = ['contacts', 'meetings', 'notes', 'calls'] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

const TYPE_IDS: Record<string, ObjectType> = {
  '0-1': 'contacts',
  '0-47': 'meetings',
  '0-46': 'notes',
  '0-48': 'calls',
};

/** Accepts the plural name, the singular and the numeric type id, as the vendor does. */
export function objectType(name: string): ObjectType | undefined {
  return OBJECT_TYPES.find((t) => t === name || t === `${name}s`) ?? TYPE_IDS[name];
}

/** Groups a property may be put in. */
export const GROUPS: Record<ObjectType, readonly string[]> = {
  contacts: ['contactinformation', 'emailinformation', 'conversioninformation'],
  meetings: ['meetinginformation', 'engagement_info', 'engagement'],
  notes: ['engagement_info', 'engagement'],
  calls: ['engagement_info', 'engagement'],
};

const AUTOMATIC = 'hs_object_id hs_object_source hs_object_source_id hs_object_source_label hs_merged_object_ids';
const TEXT: Record<ObjectType, string> = {
  contacts:
    'email firstname lastname company jobtitle phone mobilephone website address city zip state country salutation ' +
    'lifecyclestage hs_lead_status hubspot_owner_id hs_language hs_linkedin_url linkedinbio twitterhandle twitterprofile message',
  meetings:
    'hs_meeting_title hs_meeting_body hs_internal_meeting_notes hs_meeting_external_url hs_meeting_location ' +
    'hs_meeting_location_type hs_activity_type hubspot_owner_id hs_attachment_ids hs_i_cal_uid',
  notes: 'hs_note_body hubspot_owner_id hs_attachment_ids',
  calls:
    'hs_call_title hs_call_body hs_call_direction hs_call_disposition hs_call_duration hs_call_status hubspot_owner_id',
};
const DATETIME: Record<ObjectType, string> = {
  contacts: '',
  meetings: 'hs_timestamp hs_meeting_start_time hs_meeting_end_time',
  notes: 'hs_timestamp',
  calls: 'hs_timestamp',
};
const READ_ONLY: Record<ObjectType, string> = {
  contacts: `${AUTOMATIC} createdate lastmodifieddate hs_additional_emails`,
  meetings: `${AUTOMATIC} hs_createdate hs_lastmodifieddate`,
  notes: `${AUTOMATIC} hs_createdate hs_lastmodifieddate`,
  calls: `${AUTOMATIC} hs_createdate hs_lastmodifieddate`,
};
const OUTCOMES = ['SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED'];

/** What a new account has. `hs_legal_basis` exists only with the vendor's privacy tools on.
 * @param privacyTools whether this account has them on */
export function builtIn(type: ObjectType, privacyTools: boolean): PropertyDefinition[] {
  const define = (names: string, kind: string, more: Partial<PropertyDefinition> = {}) =>
    names
      .split(' ')
      .filter(Boolean)
      .map((name) => ({
        ...{ name, label: name, type: kind, fieldType: kind === 'string' ? 'text' : 'date', description: '' },
        groupName: GROUPS[type][0] as string,
        ...{ hasUniqueValue: name === 'email', hubspotDefined: true, readOnly: false, options: [], ...more },
      }));
  const outcome = OUTCOMES.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false }));
  return [
    ...define(TEXT[type], 'string'),
    ...define(DATETIME[type], 'datetime'),
    ...define(READ_ONLY[type], 'string', { readOnly: true }),
    ...(type === 'meetings'
      ? define('hs_meeting_outcome', 'enumeration', { options: outcome, fieldType: 'select' })
      : []),
    ...(type === 'contacts' && privacyTools ? define('hs_legal_basis', 'string') : []),
  ];
}

/** What a read answers when it asks for nothing in particular. */
export const DEFAULT_PROPERTIES: Record<ObjectType, readonly string[]> = {
  contacts: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  meetings: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  notes: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  calls: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
};

/** The vendor's ids of "activity to contact" and back. */
export function associationTypeId(from: ObjectType, to: ObjectType): number | undefined {
  const ids: Record<string, number> = {
    ...{ 'meetings contacts': 200, 'contacts meetings': 199, 'notes contacts': 202, 'contacts notes': 201 },
    ...{ 'calls contacts': 194, 'contacts calls': 193 },
  };
  return ids[`${from} ${to}`];
}
