import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';
import { type LeadsSearch, leadsSearch } from './lead-filters.js';

export const leadsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/leads',
  validateSearch: (s): LeadsSearch => leadsSearch(s),
  component: lazyRouteComponent(() => import('./leads-screen.js'), 'LeadsScreen'),
});

export const leadRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/leads/$leadId',
  component: lazyRouteComponent(() => import('./lead/lead-screen.js'), 'LeadScreen'),
});

export const IMPORT_STEPS = ['file', 'origin', 'mapping', 'check', 'run'] as const;
export type ImportStep = (typeof IMPORT_STEPS)[number];
const stepOf = (s: Record<string, unknown>): { step?: ImportStep } =>
  IMPORT_STEPS.includes(s['step'] as ImportStep) ? { step: s['step'] as ImportStep } : {};

/** Before the file is with the server: steps 1 and 2. */
export const newImportRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/leads/import',
  validateSearch: stepOf,
  component: lazyRouteComponent(() => import('./import/new-import-screen.js'), 'NewImportScreen'),
});

/** From then on: whoever opens the address goes on where it stands. */
export const importRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/leads/imports/$importId',
  validateSearch: stepOf,
  component: lazyRouteComponent(() => import('./import/import-screen.js'), 'ImportScreen'),
});

export const leadsRoutes = [leadsRoute, newImportRoute, importRoute, leadRoute] as const;
