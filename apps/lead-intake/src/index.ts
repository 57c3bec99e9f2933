import { auditMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { LeadIntakeModule } from './lead-intake.module.js';
import { leadIntakeMigration } from './storage/tables.migration.js';

/** Takes leads in and knows who they are: the only home of personal data. */
export const leadIntake: ServiceDefinition = {
  name: 'lead-intake',
  schema: 'lead_intake',
  module: LeadIntakeModule,
  routes: [
    '/api/v1/engagements/:id/leads',
    '/api/v1/engagements/:id/imports',
    '/api/v1/imports',
    '/api/v1/calling',
    '/api/v1/leads',
    '/api/v1/suppressions',
    '/internal/contacts:read',
  ],
  migrations: [messagingMigration('lead_intake'), auditMigration(), idempotencyMigration(), leadIntakeMigration],
  entities: [],
  vault: ['lead', 'import'],
};
