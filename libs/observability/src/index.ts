export { errorFields, FieldNotLoggable, Log, log, pickLoggable, type LogFields } from './log.js';
export {
  enableMetrics,
  observeRequest,
  observeVendorCall,
  vendorCallsRemaining,
  vendorResult,
  watchVendor,
  type Figure,
  type VendorResult,
} from './metrics.js';
export { NestLog } from './nest-log.js';
export { Readiness, type ReadinessReport } from './readiness.js';
