import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When an account was last used, for the promise to delete it after 24 months (E2). */
export class AccountLife1795600002000 implements MigrationInterface {
  readonly name = 'AccountLife1795600002000';

  async up(runner: QueryRunner): Promise<void> {
    // Business time. Accounts that are there begin today: nobody knows better.
    await runner.query(`alter table auth_user add column active_at timestamptz not null default clock_timestamp()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table auth_user drop column active_at`);
  }
}
