import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';
import type { Role } from '../app/session.js';

export const ROLES = ['booker', 'supervisor', 'dpo', 'admin', 'client'] as const satisfies readonly Role[];

/** What the address holds: a tab, a role, an id; nobody's name. */
export interface StaffSearch {
  readonly tab?: 'people' | 'invitations';
  readonly role?: Role;
  /** The person whose details are open. */
  readonly open?: string;
}

export const staffRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/staff',
  validateSearch: (s): StaffSearch => {
    const role = ROLES.find((r) => r === s['role']);
    const open = typeof s['open'] === 'string' && /^[0-9a-f-]{36}$/.test(s['open']) ? s['open'] : undefined;
    const tab = s['tab'];
    return {
      ...(tab === 'people' || tab === 'invitations' ? { tab } : {}),
      ...(role ? { role } : {}),
      ...(open ? { open } : {}),
    };
  },
  component: lazyRouteComponent(() => import('./staff-screen.js'), 'StaffScreen'),
});

export const staffRoutes = [staffRoute] as const;
