import { createRoute, createRouter, redirect } from '@tanstack/react-router';
import { auditRoutes } from '../audit/routes.js';
import { callingRoutes } from '../calling/routes.js';
import { engagementsRoutes } from '../engagements/routes.js';
import { floorRoutes } from '../floor/routes.js';
import { leadsRoutes } from '../leads/routes.js';
import { meetingsRoutes } from '../meetings/routes.js';
import { myDayRoutes } from '../my-day/routes.js';
import { overviewRoutes } from '../overview/routes.js';
import { privacyRoutes } from '../privacy/routes.js';
import { sandboxRoutes } from '../sandbox/routes.js';
import { settingsRoutes } from '../settings/routes.js';
import { signInRoutes } from '../sign-in/routes.js';
import { staffRoutes } from '../staff/routes.js';
import { syncRoutes } from '../sync/routes.js';
import { frameRoute, rootRoute } from './frame-route.js';
import { homeOf } from './nav.js';
import { queryClient } from './query-client.js';
import { sessionQuery } from './session.js';

const startRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/',
  beforeLoad: async ({ context }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (session.state === 'signed-in') throw redirect({ to: homeOf(session.me.role) as '/calling', replace: true });
  },
});

const tree = rootRoute.addChildren([
  ...signInRoutes,
  frameRoute.addChildren([
    startRoute,
    ...callingRoutes,
    ...floorRoutes,
    ...overviewRoutes,
    ...leadsRoutes,
    ...meetingsRoutes,
    ...myDayRoutes,
    ...engagementsRoutes,
    ...syncRoutes,
    ...privacyRoutes,
    ...auditRoutes,
    ...staffRoutes,
    ...settingsRoutes,
    ...sandboxRoutes,
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  context: { queries: queryClient },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0, // Query decides what is fresh
  search: { strict: true }, // what a route's validateSearch does not return is not in the address, and not in useSearch
  scrollRestoration: false, // screens scroll inside the frame
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
