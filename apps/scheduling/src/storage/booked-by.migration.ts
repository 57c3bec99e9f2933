import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose booking a meeting is. Those from before say nobody: the audit trail knows, and is no source for a screen. */
export class BookedBy1796500000000 implements MigrationInterface {
  name = 'BookedBy1796500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table booking add column booked_by uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table booking drop column booked_by');
  }
}
