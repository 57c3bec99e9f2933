import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';
import { NotFound } from '../app/not-found.js';
import { isSandbox } from '../app/sandbox.js';

// Not below /sandbox: that is the sandbox's own API. Outside a sandbox there are no such pages.
const id = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined;

export interface MailSearch {
  /** A mailbox's id, never its address. */
  readonly box?: string;
  readonly open?: string;
}

export const sandboxMailRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/sandbox-mail',
  validateSearch: (s): MailSearch => {
    const [box, open] = [id(s['box']), id(s['open'])];
    return { ...(box ? { box } : {}), ...(open ? { open } : {}) };
  },
  component: isSandbox() ? lazyRouteComponent(() => import('./mail-screen.js'), 'MailScreen') : NotFound,
});

export const VIEWS = ['hubspot', 'salesforce', 'calendars'] as const;
export type View = (typeof VIEWS)[number];

export const sandboxCrmRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/sandbox-crm',
  validateSearch: (s): { view?: View; open?: string } => {
    const view = VIEWS.find((v) => v === s['view']);
    const open = id(s['open']);
    return { ...(view ? { view } : {}), ...(open ? { open } : {}) };
  },
  component: isSandbox() ? lazyRouteComponent(() => import('./vendors-screen.js'), 'VendorsScreen') : NotFound,
});

export const sandboxRoutes = [sandboxMailRoute, sandboxCrmRoute] as const;
