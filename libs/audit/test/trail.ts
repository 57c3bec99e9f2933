import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  auditKey,
  auditMigration,
  auditReadingMigration,
  auditSealingMigration,
  auditWritingMigration,
  AuditTrail,
  type ServicePrincipal,
} from '@avtala/access';
import { createDatabase, dropDatabase, noEngagement, scopeOf } from '@avtala/database';
import { eventually, TEST_ROLE_SECRET, testDatabase, testServerUrl, type TestDatabase } from '@avtala/test-kit';
import { FixedClock } from '@avtala/time';
import { Sealer } from '../src/sealer.js';
import { provisionWitness, Witness } from '../src/witness.js';

const AUTH_SECRET = 'auth-secret-of-the-audit-tests-32-characters';
const BY: ServicePrincipal = { kind: 'service', service: 'crm-sync', purpose: 'test', eventId: 'e' };

/** lead-intake's audit trail on a real database, with a witness on another. */
export class Rig {
  readonly signing = generateKeyPairSync('ed25519').privateKey;
  readonly macKey = auditKey(AUTH_SECRET, 'lead-intake');
  readonly clock = new FixedClock('2027-03-01T09:00:00Z');
  readonly trail = new AuditTrail('lead-intake', this.macKey, this.clock);

  private constructor(
    readonly database: TestDatabase,
    readonly witness: Witness,
    private readonly witnessName: string,
  ) {}

  static async open(): Promise<Rig> {
    const database = await testDatabase({
      schema: 'lead_intake',
      migrations: [auditMigration(), auditSealingMigration(), auditReadingMigration(), auditWritingMigration()],
    });
    const name = `w_${randomUUID().slice(0, 8)}`;
    const url = await provisionWitness(await createDatabase(testServerUrl(), name), TEST_ROLE_SECRET);
    return new Rig(database, new Witness(url), name);
  }

  sealer(witness: Witness | null = this.witness): Sealer {
    return new Sealer('lead-intake', this.database.db(), this.trail, this.signing, witness ?? undefined);
  }

  /** So many entries, one transaction each; with `subjects`, one transaction with that many entries. */
  async act(count: number, subjects?: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const subjectIds = subjects === undefined ? undefined : Array.from({ length: subjects }, () => randomUUID());
      await this.database
        .db()
        .withScope(noEngagement, (tx) =>
          this.trail.record(tx, { action: 'lead.read', principal: BY, ...(subjectIds ? { subjectIds } : {}) }),
        );
    }
  }

  async rollback(): Promise<void> {
    const failing = this.database.db().withScope(scopeOf(randomUUID()), async (tx) => {
      await this.trail.record(tx, { action: 'lead.read', principal: BY });
      throw new Error('no');
    });
    await failing.catch(() => undefined);
  }

  /** Until every entry is in the tree: a transaction of another test on the same server holds sealing up for a moment.
   * @returns how many this sealer sealed */
  async sealAll(sealer = this.sealer()): Promise<number> {
    let count = 0;
    // Only then: a step in between would seal some of them, and make a checkpoint where no test expects one.
    await eventually(async () => {
      const [open] = await this.database.sql<{ n: number }>(
        `select count(*)::int as n from lead_intake.audit_entry where xid >= pg_snapshot_xmin(pg_current_snapshot())`,
      );
      if (open!.n > 0) throw new Error(`${open!.n} entries may not be sealed yet`);
    });
    await eventually(async () => {
      count += (await sealer.step()).count;
      const [left] = await this.database.sql<{ n: number }>(
        `select count(*)::int as n from lead_intake.audit_entry e
          where not exists (select from lead_intake.audit_leaf l where l.entry_id = e.id)`,
      );
      if (left!.n > 0) throw new Error(`${left!.n} entries are not sealed`);
    });
    await sealer.stop(); // hands over to the witness
    return count;
  }

  async leaves(): Promise<{ index: number; entry_id: string; hash: Buffer }[]> {
    return this.database.sql('select index::int, entry_id, hash from lead_intake.audit_leaf order by index');
  }

  async close(): Promise<void> {
    await this.witness.close();
    await this.database.close();
    await dropDatabase(testServerUrl(), this.witnessName);
  }
}
