export { ConfigInvalid, parseConfig, RuntimeEnv } from './env.js';
export { startHost, type Host } from './host.js';
export { prepare, type Prepared } from './prepare.js';
export { refuseMadeUpDefaults } from './real-world.js';
export { matchesRoute, ownerOf, routesOf } from './routes.js';
export { installationSecret } from './secrets.js';
export { serve } from './serve.js';
export { startService, type RunningService } from './start-service.js';
export type { Edge, ServiceDefinition } from './service-definition.js';
