export const SOBJECTS = ['Lead', 'Contact', 'Account', 'Event', 'Individual'] as const;
export type SObjectName = (typeof SOBJECTS)[number];

export const PREFIXES: Readonly<Record<SObjectName, string>> = {
  ...{ Lead: '00Q', Contact: '003', Account: '001', Event: '00U', Individual: '0PK' },
};

export const sobjectOf = (id: string): SObjectName | undefined => SOBJECTS.find((s) => PREFIXES[s] === id.slice(0, 3));

export type FieldType = 'id' | 'string' | 'textarea' | 'email' | 'phone' | 'url' | 'boolean' | 'datetime' | 'int';

export interface Field {
  name: string;
  type: FieldType | 'picklist' | 'reference';
  length?: number;
  required?: boolean;
  readOnly?: boolean;
  custom?: boolean;
  externalId?: boolean;
  unique?: boolean;
  /** Allowed values of a picklist that lets in no others. */
  restricted?: readonly string[];
  default?: unknown;
}

/** A field an administrator of the org has made. `Activity` stands for events and tasks alike, as with the vendor. */
export interface CustomField {
  object: SObjectName | 'Activity';
  name: string;
  length?: number;
  externalId?: boolean;
  unique?: boolean;
}

const text = (name: string, length: number, more: Partial<Field> = {}): Field => ({
  ...{ name, type: 'string', length },
  ...more,
});
const ref = (name: string, more: Partial<Field> = {}): Field => ({ name, type: 'reference', ...more });
const flag = (name: string, more: Partial<Field> = {}): Field => ({ name, type: 'boolean', default: false, ...more });
const RO = { readOnly: true };

const SYSTEM: Field[] = [
  { name: 'Id', type: 'id', ...RO },
  flag('IsDeleted', RO),
  ...['CreatedDate', 'LastModifiedDate', 'SystemModstamp'].map((name): Field => ({ name, type: 'datetime', ...RO })),
  ...['CreatedById', 'LastModifiedById'].map((name) => ref(name, RO)),
];
const OWNED = [ref('OwnerId')];
const PERSON: Field[] = [
  ...OWNED,
  text('LastName', 80, { required: true }),
  text('FirstName', 40),
  text('Name', 121, RO),
  text('Title', 128),
  text('Phone', 40, { type: 'phone' }),
  text('MobilePhone', 40, { type: 'phone' }),
  text('Email', 80, { type: 'email' }),
  text('Description', 32_000, { type: 'textarea' }),
  text('LeadSource', 255, { type: 'picklist' }),
  ref('MasterRecordId', RO),
];
const OPT_OUT = ['HasOptedOutProcessing', 'HasOptedOutProfiling', 'HasOptedOutSolicit', 'HasOptedOutTracking'];

const STANDARD: Readonly<Record<SObjectName, readonly Field[]>> = {
  Lead: [
    ...PERSON,
    text('Company', 255, { required: true }),
    text('City', 40),
    text('Website', 255, { type: 'url' }),
    text('Status', 255, { type: 'picklist', default: 'Open - Not Contacted' }),
    text('Rating', 255, { type: 'picklist', restricted: ['Hot', 'Warm', 'Cold'] }),
    flag('IsConverted', RO),
    { name: 'ConvertedDate', type: 'datetime', ...RO },
    ...['ConvertedAccountId', 'ConvertedContactId', 'ConvertedOpportunityId'].map((n) => ref(n, RO)),
  ],
  Contact: [...PERSON, ref('AccountId'), text('Department', 80), text('MailingCity', 40)],
  Account: [...OWNED, text('Name', 255, { required: true }), text('Phone', 40, { type: 'phone' })],
  Event: [
    ...OWNED,
    text('Subject', 255),
    text('Location', 255),
    text('Description', 32_000, { type: 'textarea' }),
    ...['StartDateTime', 'EndDateTime'].map((name): Field => ({ name, type: 'datetime' })),
    { name: 'DurationInMinutes', type: 'int' },
    text('ShowAs', 40, { type: 'picklist', restricted: ['Busy', 'OutOfOffice', 'Free'], default: 'Busy' }),
    flag('IsPrivate'),
    flag('IsAllDayEvent'),
    ...['WhoId', 'WhatId'].map((n) => ref(n)),
  ],
  Individual: [
    ...OWNED,
    text('LastName', 80, { required: true }),
    text('FirstName', 40),
    text('Name', 121, RO),
    ...[...OPT_OUT, 'HasOptedOutGeoTracking', 'ShouldForget', 'CanStorePiiElsewhere', 'SendIndividualData'].map((n) =>
      flag(n),
    ),
  ],
};

/** Fields of an object as the org has set itself up. @param privacy "Data Protection and Privacy" is on */
export function fieldsOf(
  object: SObjectName,
  org: { privacy: boolean; customFields: readonly CustomField[] },
): ReadonlyMap<string, Field> {
  const person = object === 'Lead' || object === 'Contact';
  const private_ = org.privacy && person ? [ref('IndividualId'), flag('HasOptedOutOfEmail'), flag('DoNotCall')] : [];
  const own = org.customFields
    .filter((f) => f.object === object || (f.object === 'Activity' && object === 'Event'))
    .map((f): Field => text(f.name, f.length ?? 255, { custom: true, ...f }));
  return new Map([...SYSTEM, ...STANDARD[object], ...private_, ...own].map((f) => [f.name, f]));
}

export const hasObject = (object: string, org: { privacy: boolean }): object is SObjectName =>
  (SOBJECTS as readonly string[]).includes(object) && (object !== 'Individual' || org.privacy);
