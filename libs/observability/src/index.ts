export { errorFields, FieldNotLoggable, Log, log, pickLoggable, type LogFields } from './log.js';
export { NestLog } from './nest-log.js';
export { Readiness, type ReadinessReport } from './readiness.js';
