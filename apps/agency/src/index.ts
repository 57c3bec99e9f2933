import { auditMigration, auditReadingMigration, auditSealingMigration, auditWritingMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { AgencyModule } from './agency.module.js';
import { mountAuth } from './inbound/auth.mount.js';
import { ApiKeys1795700000100 } from './storage/api-keys.migration.js';
import { AccountLife1795600002000 } from './storage/account-life.migration.js';
import { AuthEvents1795600001000 } from './storage/auth-events.migration.js';
import { Engagements1700000001100 } from './storage/engagements.migration.js';
import { Factors1700000001200 } from './storage/factors.migration.js';
import { Identity1700000001000 } from './storage/identity.migration.js';

export { sandboxStaff, type SandboxAccount } from './services/sandbox-staff.js';
export { inviteFirstAdmin } from './services/first-admin.js';

/**
 * Who we are and whom we work for: staff and their sign-in, clients, engagements from their first day to their effective end. Read first:
 * `services/term.service.ts`, from which every clock of the other services starts.
 */
export const agency: ServiceDefinition = {
  name: 'agency',
  schema: 'agency',
  module: AgencyModule,
  routes: [
    '/api/auth',
    '/api/v1/clients',
    '/api/v1/engagements',
    '/api/v1/live$',
    '/api/v1/me',
    '/api/v1/staff',
    '/api/v1/test/clock',
  ],
  migrations: [
    messagingMigration('agency'),
    auditMigration(),
    auditSealingMigration(),
    auditReadingMigration(),
    auditWritingMigration(),
    idempotencyMigration(),
    Identity1700000001000,
    Engagements1700000001100,
    Factors1700000001200,
    AuthEvents1795600001000,
    AccountLife1795600002000,
    ApiKeys1795700000100,
  ],
  entities: [],
  mount: mountAuth,
};
