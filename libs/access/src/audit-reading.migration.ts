import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { MigrationClass } from '@avtala/database';

/** Entries about no person, which an administrator may read, among however many reads of leads. The same in every service's schema. */
export function auditReadingMigration(): MigrationClass {
  return class AuditReading1795600002000 implements MigrationInterface {
    readonly name = 'AuditReading1795600002000';

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`create index audit_entry_general on audit_entry (at, id) where subject_ref is null`);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query('drop index audit_entry_general');
    }
  };
}
