import { auditMigration, auditReadingMigration, auditSealingMigration, auditWritingMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { LeadIntakeModule } from './lead-intake.module.js';
import { bulkMigration } from './storage/bulk.migration.js';
import { importDraftMigration } from './storage/import-draft.migration.js';
import { callingMigration } from './storage/calling.migration.js';
import { deskMigration } from './storage/desk.migration.js';
import { floorMigration } from './storage/floor.migration.js';
import { nameSearchMigration } from './storage/name-search.migration.js';
import { suppliersMigration } from './storage/suppliers.migration.js';
import { webFormsMigration } from './storage/web-forms.migration.js';
import { leadIntakeMigration } from './storage/tables.migration.js';

/** For bench/, which times it without HTTP. */
export { Intake } from './services/intake.service.js';

/**
 * Takes leads in, from files and singly, and knows who they are: the only home of personal data. Hands leads to bookers, records what came of
 * a call, remembers who said no, and gives contact data out through one door, to who may ask at that moment. Read first: `services/take-in.ts`,
 * through which every lead comes.
 */
export const leadIntake: ServiceDefinition = {
  name: 'lead-intake',
  schema: 'lead_intake',
  module: LeadIntakeModule,
  routes: [
    '/api/v1/engagements/:id/leads',
    '/api/v1/engagements/:id/imports',
    '/api/v1/imports',
    '/api/v1/engagements/:id/forms',
    '/api/v1/public/forms',
    '/confirm/:token',
    '/api/v1/engagements/:id/suppliers',
    '/api/v1/calling',
    '/api/v1/leads',
    '/api/v1/outcomes',
    '/api/v1/engagements/:id/calling-rules',
    '/api/v1/engagements/:id/script',
    '/api/v1/suppressions',
    '/internal/contacts:read',
    '/internal/leads:said',
  ],
  migrations: [
    messagingMigration('lead_intake'),
    auditMigration(),
    auditSealingMigration(),
    auditReadingMigration(),
    auditWritingMigration(),
    idempotencyMigration(),
    leadIntakeMigration,
    nameSearchMigration,
    callingMigration,
    suppliersMigration,
    webFormsMigration,
    bulkMigration,
    importDraftMigration,
    deskMigration,
    floorMigration,
  ],
  entities: [],
  vault: ['lead', 'import'],
};
