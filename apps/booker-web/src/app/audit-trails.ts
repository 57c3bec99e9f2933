/** Each service has an audit trail of its own. */
export const TRAILS = ['agency', 'lead-intake', 'scheduling', 'crm-sync', 'retention'] as const;
export type Trail = (typeof TRAILS)[number];
