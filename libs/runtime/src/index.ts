export { ConfigInvalid, parseConfig, RuntimeEnv } from './env.js';
export { startHost, type Host } from './host.js';
export { prepare, type Prepared } from './prepare.js';
export { matchesRoute, ownerOf } from './routes.js';
export { installationSecret } from './secrets.js';
export { startService, type RunningService } from './start-service.js';
export type { Edge, ServiceDefinition } from './service-definition.js';
