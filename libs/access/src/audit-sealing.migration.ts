import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantSql, type MigrationClass } from '@avtala/database';

/** What sealing and reading the audit trail need, the same in every service's schema (docs/security.md §4). Nobody may change or remove anything:
 * the app role still only adds entries, the worker role reads them and adds leaves, blocks and checkpoints. */
export function auditSealingMigration(): MigrationClass {
  return class AuditSealing1795600000000 implements MigrationInterface {
    readonly name = 'AuditSealing1795600000000';

    async up(runner: QueryRunner): Promise<void> {
      // actor and act are made of the bytes under the MAC by PostgreSQL: nobody can file an entry under another name.
      // written_at is real time, for the age of what is not sealed yet; `at` follows the business clock.
      await runner.query(`
        -- convert_from() only counts as stable because a conversion could be redefined; that from UTF-8 never is.
        create function audit_field(canonical bytea, path text[]) returns text
          language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
          return convert_from(canonical, 'UTF8')::jsonb #>> path;
        ${grantSql({ app: 'execute' }, 'function audit_field(bytea, text[])')}
        alter table audit_entry
          add column actor text generated always as (audit_field(canonical, '{by,id}')) stored,
          add column act text generated always as (audit_field(canonical, '{action}')) stored,
          add column written_at timestamptz not null default clock_timestamp();
        create index audit_entry_xid on audit_entry (xid);
        create index audit_entry_at on audit_entry (at, id);
        create index audit_entry_actor on audit_entry (actor, at, id);
        create index audit_entry_act on audit_entry (act, at, id);
        drop index audit_entry_subject;
        create index audit_entry_subject on audit_entry (subject_ref, at, id) where subject_ref is not null;

        create table audit_leaf (
          index bigint primary key,
          entry_id uuid not null constraint sealed_once unique,
          hash bytea not null check (length(hash) = 32)
        );
        -- Root of each complete run of 1,024 leaves, so that a proof needs no more than one run's leaves.
        create table audit_block (
          index bigint primary key,
          hash bytea not null check (length(hash) = 32)
        );
        create table audit_checkpoint (
          size bigint primary key check (size > 0),
          root bytea not null check (length(root) = 32),
          -- Entries of transactions below it are all in the tree.
          horizon xid8 not null,
          note text not null,                       -- origin, size, root and signature, as handed to the witness
          sealed_at timestamptz not null default clock_timestamp()
        );
      `);
      await runner.query(grantSql({ worker: 'select' }, 'audit_entry'));
      for (const table of ['audit_leaf', 'audit_block', 'audit_checkpoint'])
        await runner.query(grantSql({ worker: 'select, insert' }, table));
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query(`
        drop table audit_checkpoint, audit_block, audit_leaf;
        drop index audit_entry_subject;
        create index audit_entry_subject on audit_entry (subject_ref) where subject_ref is not null;
        drop index audit_entry_act, audit_entry_actor, audit_entry_at, audit_entry_xid;
        alter table audit_entry drop column written_at, drop column act, drop column actor;
        drop function audit_field(bytea, text[]);
      `);
    }
  };
}
