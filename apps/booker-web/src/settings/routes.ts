import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

/** What the address holds. What is searched for among the settings stays on the page: anybody may type anything there. */
export interface SettingsSearch {
  /** Whose API keys are shown. */
  readonly engagement?: string;
}

export const settingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/settings',
  validateSearch: (s): SettingsSearch =>
    typeof s['engagement'] === 'string' && /^[0-9a-f-]{36}$/.test(s['engagement'])
      ? { engagement: s['engagement'] }
      : {},
  component: lazyRouteComponent(() => import('./settings-screen.js'), 'SettingsScreen'),
});

export const settingsRoutes = [settingsRoute] as const;
