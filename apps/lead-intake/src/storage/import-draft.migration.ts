import type { MigrationClass } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was filled in about a file that is not confirmed yet, so that whoever comes back by its address goes on where they were. */
class ImportDraft1796500000000 implements MigrationInterface {
  readonly name = 'ImportDraft1796500000000';

  async up(runner: QueryRunner): Promise<void> {
    // Sealed by the import's key like the headers it names (AAD import:<id>:draft): they may be a person, in a file without a header row.
    await runner.query(`ALTER TABLE import ADD COLUMN sealed_draft bytea;
      ALTER TABLE import ALTER COLUMN sealed_draft SET STORAGE EXTERNAL, ALTER COLUMN sealed_draft SET STATISTICS 0;
      CREATE INDEX import_newest ON import (engagement_id, id DESC)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX import_newest; ALTER TABLE import DROP COLUMN sealed_draft');
  }
}

export const importDraftMigration: MigrationClass = ImportDraft1796500000000;
