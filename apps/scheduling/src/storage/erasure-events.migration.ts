import { grantSql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which connections an open order still has events to read back through: ids, and no word of whose. */
export class ErasureEvents1796800000000 implements MigrationInterface {
  name = 'ErasureEvents1796800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(grantSql({ count: 'select (events)' }, 'erasure'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`do $$ begin
      execute 'revoke select (events) on erasure from ' || quote_ident(current_schema() || '_count'); end $$`);
  }
}
