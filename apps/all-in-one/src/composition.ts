/** What start.ts needs of the services, in one module: it is imported while PostgreSQL and the sandbox already start. */
export { sandboxStaff } from '@avtala/agency';
export { configFrom, publicWeb } from '@avtala/public-web';
export { installationSecret, parseConfig, refuseMadeUpDefaults, RuntimeEnv, startHost } from '@avtala/runtime';
export { sandboxDoorOf } from './sandbox-door.js';
export { sandboxSignIns } from './seed.js';
export { seedOnce } from './seed-once.js';
export { selectServices, SERVICES } from './services.js';
export { statusPage } from './status-page.js';
