import { RetentionTooShort, SafeguardMissing } from './errors.js';

export const CRM_KINDS = ['hubspot', 'salesforce'] as const;
export type CrmKind = (typeof CRM_KINDS)[number];

/** Days a vendor may take to purge what it was told to erase. HubSpot's gdpr-delete: up to 30. Salesforce: what a merge or a person put into the
 * recycle bin lies there for 15, and our own deletions do where emptying it is refused. */
export const PURGE_DAYS: Readonly<Record<CrmKind, number>> = { hubspot: 30, salesforce: 15 };
/** Days between the last purge and the erase-by date, for reading back. */
const SPARE_DAYS = 7;

/** Safeguards for a transfer outside the EEA (D4). A closed list: what is not on it ("Privacy Shield") is none. */
export const SAFEGUARDS = ['adequacy-decision', 'standard-contractual-clauses', 'binding-corporate-rules'] as const;
export type Safeguard = (typeof SAFEGUARDS)[number];

/** Where a vendor hosts an account's data: HubSpot's names, and `eu` or `other` for Salesforce. */
export const REGIONS = ['eu1', 'na1', 'na2', 'ap1', 'ca1', 'eu', 'other'] as const;
export type Region = (typeof REGIONS)[number];

const IN_EEA: Readonly<Record<CrmKind, Region>> = { hubspot: 'eu1', salesforce: 'eu' };

/** The fewest days that so many whole months can have: February is 28 days long three years of four. */
const fewestDays = (months: number): number => {
  const start = Temporal.PlainDate.from('2027-01-31'); // a common year follows
  let fewest = Infinity;
  for (let i = 0; i < 12; i++) {
    const from = start.add({ months: i });
    fewest = Math.min(fewest, from.until(from.add({ months }), { largestUnit: 'days' }).days);
  }
  return fewest;
};

/** The smallest X in whole months with which erasing can start after the engagement's end and still be over by the erase-by date
 * (architecture.md §6). HubSpot: 30 days of purge + 7 = 37 days, 2 months. Salesforce: 15 + 7, 1 month. */
export function smallestRetention(kind: CrmKind): number {
  let months = 1;
  while (fewestDays(months) < PURGE_DAYS[kind] + SPARE_DAYS) months++;
  return months;
}

/** @throws RetentionTooShort, SafeguardMissing */
export function requireConnectable(i: {
  readonly kind: CrmKind;
  readonly retentionMonths: number;
  readonly region: Region | undefined;
  readonly safeguard: Safeguard | undefined;
}): void {
  const smallest = smallestRetention(i.kind);
  if (i.retentionMonths < smallest) throw new RetentionTooShort(i.kind, smallest);
  if (i.region !== IN_EEA[i.kind] && !i.safeguard) throw new SafeguardMissing(SAFEGUARDS);
}
