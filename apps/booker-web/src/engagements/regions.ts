import type { CRM_NAMES } from '../words/crm-names.js';

/** What may be recorded of an account (D4), as the API takes it; a safeguard that is void is not among them. */
export type CrmKind = keyof typeof CRM_NAMES;

export const REGIONS_OF = {
  hubspot: ['eu1', 'na1', 'na2', 'ap1', 'ca1'],
  salesforce: ['eu', 'other'],
} as const;
export type Region = (typeof REGIONS_OF)[CrmKind][number];

export const SAFEGUARDS = ['adequacy-decision', 'standard-contractual-clauses', 'binding-corporate-rules'] as const;
export type Safeguard = (typeof SAFEGUARDS)[number];

export const inEea = (region: Region): boolean => region === 'eu1' || region === 'eu';
