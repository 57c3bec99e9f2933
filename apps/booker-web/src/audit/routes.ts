import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { TRAILS, type Trail } from '../app/audit-trails.js';
import { frameRoute } from '../app/frame-route.js';

/** What the address holds: ids, codes and days; a name stands for nobody in it. */
export interface AuditSearch {
  readonly service?: Trail;
  /** Id of somebody in staff, or name of a service. */
  readonly who?: string;
  /** Id of a lead, or of whoever else an entry is about. */
  readonly lead?: string;
  readonly act?: string;
  /** Days, Swedish time, both included. */
  readonly from?: string;
  readonly to?: string;
  /** The row whose details are open: `service:id`. */
  readonly open?: string;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const texts = {
  service: new RegExp(`^(${TRAILS.join('|')})$`),
  who: /^[a-z0-9-]{1,64}$/,
  lead: new RegExp(`^${UUID}$`),
  act: /^[a-z0-9.-]{1,64}$/,
  open: new RegExp(`^(${TRAILS.join('|')}):${UUID}$`),
};

export const isId = (text: string): boolean => texts.lead.test(text);

/** A day that exists: `2027-02-30` does not. */
export function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).year > 1990;
  } catch {
    return false;
  }
}

const matching = (s: Record<string, unknown>, key: keyof typeof texts): string | undefined => {
  const value = s[key];
  return typeof value === 'string' && texts[key].test(value) ? value : undefined;
};

export const searchOf = (s: Record<string, unknown>): AuditSearch =>
  Object.fromEntries(
    Object.entries({
      service: matching(s, 'service'),
      who: matching(s, 'who'),
      lead: matching(s, 'lead'),
      act: matching(s, 'act'),
      from: isDay(s['from']) ? s['from'] : undefined,
      to: isDay(s['to']) ? s['to'] : undefined,
      open: matching(s, 'open'),
    }).filter(([, value]) => value !== undefined),
  );

export const auditRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/audit',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./audit-screen.js'), 'AuditScreen'),
});

export const auditRoutes = [auditRoute] as const;
