import { createHmac, createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { canonicalJson, type ServiceName } from '@avtala/contracts';
import {
  afterCommit,
  afterRollback,
  byteaArray,
  withCommit,
  type MigrationClass,
  type Statement,
} from '@avtala/database';
import type { Clock } from '@avtala/time';
import { AuditNumbers, type Accounted } from './audit-numbers.js';
import type { Actor } from './principal.js';
import { entryOfRequest } from './reads-are-audited.js';

/** Stands for a subject where an entry is cut in two. */
const SUBJECT = randomUUID();

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
  private readonly key: KeyObject;

  constructor(
    private readonly service: ServiceName,
    /** Audit key of this service: who can write rows but lacks it cannot make an entry. */
    key: Buffer,
    private readonly clock: Clock,
  ) {
    this.key = createSecretKey(key); // as a Buffer a key costs five times as much per use
  }

  async record(tx: EntityManager, fact: AuditFact): Promise<void> {
    const statement = this.entries(tx, [fact]);
    if (statement) await tx.query(statement.sql, statement.parameters);
  }

  /** `record` for several facts, sent together with COMMIT (`withCommit`). */
  recordAtCommit(tx: EntityManager, facts: readonly AuditFact[]): void {
    const statement = this.entries(tx, facts);
    if (statement) withCommit(tx, statement);
  }

  private entries(tx: EntityManager, facts: readonly AuditFact[]): Statement | undefined {
    const at = this.clock.now();
    const subjectsOf = ({ subjectIds }: AuditFact): readonly (string | null)[] => subjectIds ?? [null];
    const subjects = facts.flatMap(subjectsOf);
    if (subjects.length === 0) return undefined;
    const { accounted, taken } = this.numbers.take(subjects.length);
    afterCommit(tx, () => this.numbers.committed(taken, accounted));
    afterCommit(tx, entryOfRequest());
    afterRollback(tx, () => this.numbers.rolledBack(taken, accounted));
    const canonicals: Buffer[] = [];
    const macs: Buffer[] = [];
    for (const fact of facts) {
      // Entries of one fact differ in their subject alone: the rest is written once.
      const [head, tail] = bytesOf(this.entry(fact, SUBJECT, at))
        .toString()
        .split(SUBJECT) as [string, string];
      for (const subject of subjectsOf(fact)) {
        const whole = canonicals.length === 0 || !subject;
        const canonical = whole
          ? bytesOf(this.entry(fact, subject, at, canonicals.length === 0 ? accounted : undefined))
          : Buffer.from(`${head}${subject}${tail}`);
        macs.push(auditMac(this.key, this.instance, taken[0] + canonicals.length, canonical));
        canonicals.push(canonical);
      }
    }
    return {
      name: 'audit',
      sql: `insert into audit_entry (at, instance, n, canonical, subject_ref, mac)
        select $1, $2, $3::bigint + e.i - 1, e.canonical, e.subject_ref, e.mac
          from unnest($4::bytea[], $5::uuid[], $6::bytea[]) with ordinality as e(canonical, subject_ref, mac, i)`,
      parameters: [
        at.toString(),
        this.instance,
        taken[0],
        byteaArray(canonicals),
        `{${subjects.map((s) => s ?? 'NULL').join(',')}}`,
        byteaArray(macs),
      ],
    };
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

const bytesOf = (entry: object): Buffer => Buffer.from(canonicalJson(entry));

/** The audit key of one service, made of the installation's secret. */
export function auditKey(authSecret: string, service: ServiceName): Buffer {
  return createHmac('sha256', authSecret).update(`audit\0${service}`).digest();
}

/** MAC over who wrote it (instance, running number) and the canonical bytes: a changed entry shows as a bad MAC, a removed one as a gap. */
export function auditMac(key: Buffer | KeyObject, instance: string, n: number, canonical: Buffer): Buffer {
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
