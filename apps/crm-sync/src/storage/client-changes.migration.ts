import { grantSql } from '@avtala/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What clients did to records at their side. */
export class ClientChanges1795500000002 implements MigrationInterface {
  readonly name = 'ClientChanges1795500000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table crm_link
        add column gone_why text check (gone_why in ('deleted', 'erased')),  -- by the client
        add column theirs text[] not null default '{}';                      -- fields in which the client's own value was seen
      alter table crm_connection
        add column changes_cursor text;                                      -- where a vendor that does not call us is asked on`);
    // Connections that are there already are watched as well. Policies bind the owner too: without a scope it would see none.
    await runner.query(`
      alter table crm_connection no force row level security;
      insert into due (kind, key, engagement_id, due_at, background)
        select 'watch', id, engagement_id, created_at, true from crm_connection where state = 'active';
      alter table crm_connection force row level security`);
    // A vendor names an account, not an engagement: which of our connections and links it means is asked past the scopes, ids only.
    await runner.query(grantSql({ count: 'select (kind)' }, 'crm_connection'));
    await runner.query(`create index crm_connection_account on crm_connection (kind, portal_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index crm_connection_account; alter table crm_link drop column gone_why, drop column theirs;
      alter table crm_connection drop column changes_cursor`);
  }
}
