import { auditMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { RetentionModule } from './retention.module.js';
import { RetentionTables1795400000000 } from './storage/tables.migration.js';

/** Legal clocks, erasure orders, receipts, certificates. */
export const retention: ServiceDefinition = {
  name: 'retention',
  schema: 'retention',
  module: RetentionModule,
  routes: ['/api/v1/privacy-requests', '/api/v1/erasures'],
  migrations: [messagingMigration('retention'), auditMigration(), idempotencyMigration(), RetentionTables1795400000000],
  entities: [],
};
