import { auditMigration, auditReadingMigration, auditSealingMigration, auditWritingMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { CrmSyncModule } from './crm-sync.module.js';
import { keepBytes, WEBHOOKS } from './inbound/webhooks.controller.js';
import { ClientChanges1795500000002 } from './storage/client-changes.migration.js';
import { ConnectionHealth1795500000001 } from './storage/connection-health.migration.js';
import { Salesforce1795600000000 } from './storage/salesforce.migration.js';
import { SyncScreen1795500000000 } from './storage/sync-screen.migration.js';
import { CrmSyncTables1795400000000 } from './storage/tables.migration.js';

/**
 * Tells clients' CRMs of leads and meetings, survives their bad days, and takes back at the vendor what it wrote when a lead is erased. Keeps no
 * contact data: it is read at the moment of a push. Read first: `services/push.service.ts`.
 */
export const crmSync: ServiceDefinition = {
  name: 'crm-sync',
  schema: 'crm_sync',
  module: CrmSyncModule,
  routes: ['/api/v1/crm-connections', '/api/v1/pushes', WEBHOOKS],
  migrations: [
    messagingMigration('crm_sync'),
    auditMigration(),
    auditSealingMigration(),
    auditReadingMigration(),
    auditWritingMigration(),
    idempotencyMigration(),
    CrmSyncTables1795400000000,
    SyncScreen1795500000000,
    ConnectionHealth1795500000001,
    ClientChanges1795500000002,
    Salesforce1795600000000,
  ],
  entities: [],
  vault: ['connection'],
  mount: ({ express }) => keepBytes(express),
};
