import { auditMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { CrmSyncModule } from './crm-sync.module.js';
import { CrmSyncTables1795400000000 } from './storage/tables.migration.js';

/** Tells clients' CRMs of leads and meetings, and survives their bad days. */
export const crmSync: ServiceDefinition = {
  name: 'crm-sync',
  schema: 'crm_sync',
  module: CrmSyncModule,
  routes: ['/api/v1/crm-connections'],
  migrations: [messagingMigration('crm_sync'), auditMigration(), idempotencyMigration(), CrmSyncTables1795400000000],
  entities: [],
  vault: ['connection'],
};
