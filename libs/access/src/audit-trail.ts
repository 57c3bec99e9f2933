import { createHmac, randomUUID } from 'node:crypto';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { canonicalJson, type ServiceName } from '@avtala/contracts';
import { afterCommit, afterRollback, type MigrationClass } from '@avtala/database';
import type { Clock } from '@avtala/time';
import { AuditNumbers, type Accounted } from './audit-numbers.js';
import type { Actor } from './principal.js';
import { entryOfRequest } from './reads-are-audited.js';

export interface AuditFact {
  /** What was done, past or present tense with a dot: `engagement.created`, `contacts.read`. */
  readonly action: string;
  readonly principal: Actor;
  readonly engagementId?: string;
  /** Ids of the leads or other subjects concerned: one entry for each, so that an entry can be shown to its subject without showing others. */
  readonly subjectIds?: readonly string[];
  /** Names of fields read or changed, never their values. */
  readonly fields?: readonly string[];
  /** Ids, counts, states; never a person's data. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Who did what and why (G2, G3), written in the transaction of the change, or before data is returned. Sealed within seconds by libs/audit. */
export class AuditTrail {
  private readonly instance = randomUUID();
  private readonly numbers = new AuditNumbers();

  constructor(
    private readonly service: ServiceName,
    /** Audit key of this service: who can write rows but lacks it cannot make an entry. */
    private readonly key: Buffer,
    private readonly clock: Clock,
  ) {}

  async record(tx: EntityManager, fact: AuditFact): Promise<void> {
    const at = this.clock.now();
    const subjects: (string | null)[] = fact.subjectIds ? [...fact.subjectIds] : [null];
    if (subjects.length === 0) return;
    const ns: string[] = [];
    const canonicals: Buffer[] = [];
    const macs: Buffer[] = [];
    const { accounted, taken } = this.numbers.take(subjects.length);
    afterCommit(tx, () => this.numbers.committed(taken, accounted));
    afterCommit(tx, entryOfRequest());
    afterRollback(tx, () => this.numbers.rolledBack(taken, accounted));
    for (const [i, subject] of subjects.entries()) {
      const n = taken[0] + i;
      const canonical = Buffer.from(canonicalJson(this.entry(fact, subject, at, i === 0 ? accounted : undefined)));
      ns.push(String(n));
      canonicals.push(canonical);
      macs.push(auditMac(this.key, this.instance, n, canonical));
    }
    await tx.query(
      `insert into audit_entry (at, instance, n, canonical, subject_ref, mac)
       select $1, $2, e.n, e.canonical, e.subject_ref, e.mac
         from unnest($3::bigint[], $4::bytea[], $5::uuid[], $6::bytea[]) as e(n, canonical, subject_ref, mac)`,
      [at.toString(), this.instance, ns, canonicals, subjects, macs],
    );
  }

  /** Whether numbers were given to transactions that were rolled back, and no entry has said so yet: the next one does. */
  get hasUnused(): boolean {
    return this.numbers.hasUnused;
  }

  private entry(fact: AuditFact, subject: string | null, at: Temporal.Instant, accounted?: Accounted): object {
    return {
      v: 1,
      at: at.toString(),
      service: this.service,
      action: fact.action,
      by: byOf(fact.principal),
      engagement: fact.engagementId,
      subject: subject ?? undefined,
      fields: fact.fields,
      detail: fact.detail,
      numbers: accounted,
    };
  }
}

function byOf(actor: Actor): object {
  if (actor.kind === 'user') return { kind: 'user', id: actor.userId, role: actor.role, session: actor.sessionId };
  if (actor.kind === 'key') return { kind: 'key', id: actor.keyId };
  return { kind: 'service', id: actor.service, purpose: actor.purpose, event: actor.eventId };
}

/** The audit key of one service, made of the installation's secret. */
export function auditKey(authSecret: string, service: ServiceName): Buffer {
  return createHmac('sha256', authSecret).update(`audit\0${service}`).digest();
}

/** MAC over who wrote it (instance, running number) and the canonical bytes: a changed entry shows as a bad MAC, a removed one as a gap. */
export function auditMac(key: Buffer, instance: string, n: number, canonical: Buffer): Buffer {
  return createHmac('sha256', key).update(`${instance}\0${n}\0`).update(canonical).digest();
}

/** The audit table, the same in every service's schema. The app role may only add: it can neither read nor change what was written. */
export function auditMigration(): MigrationClass {
  return class AuditEntry1700000000002 implements MigrationInterface {
    readonly name = 'AuditEntry1700000000002';

    async up(runner: QueryRunner): Promise<void> {
      // canonical holds the very bytes under the MAC: jsonb would reorder keys. xid8 lets the sealer take committed rows only.
      await runner.query(`
        create table audit_entry (
          id uuid primary key default gen_random_uuid(),
          xid xid8 not null default pg_current_xact_id(),
          at timestamptz not null,
          instance uuid not null,
          n bigint not null,
          canonical bytea not null,
          subject_ref uuid,
          mac bytea not null,
          constraint one_entry_per_number unique (instance, n)
        );
        create index audit_entry_subject on audit_entry (subject_ref) where subject_ref is not null;
        do $$ begin execute format('grant insert on audit_entry to %I', current_schema() || '_app'); end $$;
      `);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query('drop table audit_entry');
    }
  };
}
