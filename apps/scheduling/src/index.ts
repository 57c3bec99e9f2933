import { auditMigration, auditReadingMigration, auditSealingMigration, auditWritingMigration } from '@avtala/access';
import { idempotencyMigration } from '@avtala/http';
import { messagingMigration } from '@avtala/messaging';
import type { ServiceDefinition } from '@avtala/runtime';
import { SchedulingModule } from './scheduling.module.js';
import { BookingLinks1796000000100 } from './storage/booking-links.migration.js';
import { BookedBy1796500000000 } from './storage/booked-by.migration.js';
import { CalendarCache1795392000200 } from './storage/calendar-cache.migration.js';
import { ErasureEvents1796800000000 } from './storage/erasure-events.migration.js';
import { KeptSlots1795392000300 } from './storage/kept-slots.migration.js';
import { Scheduling1795392000100 } from './storage/tables.migration.js';

/**
 * Who can meet when: hosts with their hours and calendars, slots, bookings, and the invites and calendar entries that tell of them. Knows leads by
 * id only. Read first: `services/booking.service.ts`.
 */
export const scheduling: ServiceDefinition = {
  name: 'scheduling',
  schema: 'scheduling',
  module: SchedulingModule,
  routes: [
    '/api/v1/hosts',
    '/api/v1/meeting-types',
    '/api/v1/calendar-connections',
    '/api/v1/bookings',
    '/api/v1/slots',
    '/api/v1/booking-links',
    '/api/v1/public/meetings',
  ],
  migrations: [
    messagingMigration('scheduling'),
    auditMigration(),
    auditSealingMigration(),
    auditReadingMigration(),
    auditWritingMigration(),
    idempotencyMigration(),
    Scheduling1795392000100,
    CalendarCache1795392000200,
    KeptSlots1795392000300,
    BookingLinks1796000000100,
    BookedBy1796500000000,
    ErasureEvents1796800000000,
  ],
  entities: [],
  vault: ['host', 'connection'],
};

// For bench/, where the inside is timed.
export { freeStarts } from './domain/free-starts.js';
export { insertBooking, type Booking } from './storage/bookings.js';
