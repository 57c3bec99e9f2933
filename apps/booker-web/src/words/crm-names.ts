/** Vendors' own names, in every language. */
export const CRM_NAMES = { hubspot: 'HubSpot', salesforce: 'Salesforce' } as const;
