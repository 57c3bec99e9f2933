import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A second vendor; and what a client's administrator has to add before anything can be sent. */
export class Salesforce1795600000000 implements MigrationInterface {
  readonly name = 'Salesforce1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table crm_connection drop constraint crm_connection_kind_check,
      add constraint crm_connection_kind_check check (kind in ('hubspot', 'salesforce')),
      add column needs text[]`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table crm_connection drop column needs, drop constraint crm_connection_kind_check,
      add constraint crm_connection_kind_check check (kind in ('hubspot'))`);
  }
}
