import { auditMigration, auditReadingMigration, auditSealingMigration, auditWritingMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { RetentionModule } from './retention.module.js';
import { RetentionTables1795400000000 } from './storage/tables.migration.js';

/**
 * Keeps the legal clocks, orders erasures in time, collects what every holder answers, and signs the certificate. Holds ids, dates and counts.
 * Read first: `services/saga.service.ts`.
 */
export const retention: ServiceDefinition = {
  name: 'retention',
  schema: 'retention',
  module: RetentionModule,
  routes: ['/api/v1/privacy-requests', '/api/v1/erasures', '/api/v1/erasure-clocks', '/api/v1/lead-clocks'],
  migrations: [
    messagingMigration('retention'),
    auditMigration(),
    auditSealingMigration(),
    auditReadingMigration(),
    auditWritingMigration(),
    idempotencyMigration(),
    RetentionTables1795400000000,
  ],
  entities: [],
};
