import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { FreshDatabase, migration } from '../test/fresh-database.js';
import { afterCommit, afterRollback, type Db, openDb, partOf, TransactionAborted, withCommit } from './db.js';
import { grantSql } from './policies.js';
import { affected, rows } from './rows.js';
import { noEngagement } from './scope.js';
import { isTransient, isUniqueViolation, sqlState } from './sql-errors.js';

@Entity('account')
class Account {
  @PrimaryColumn('int') id!: number;
  @Column('int') amount!: number;
}

let fresh: FreshDatabase;
let db: Db;

beforeAll(async () => {
  fresh = await FreshDatabase.create();
  const urls = await fresh.service(
    'bank',
    migration(
      'CREATE TABLE account (id int CONSTRAINT one_account PRIMARY KEY, amount int NOT NULL)',
      grantSql({ app: 'select, insert, update, delete', worker: 'select' }, 'account'),
      'INSERT INTO account VALUES (1, 100), (2, 100)',
    ),
  );
  db = await openDb({ schema: 'bank', urls, entities: [Account], pool: { app: 3, worker: 1, count: 1 } });
  fresh.closing.unshift(() => db.close());
});
afterAll(() => fresh.close());

const amountOf = async (id: number) =>
  (await db.asWorker((tx) => rows<{ amount: number }>(tx, 'SELECT amount FROM account WHERE id = $1', [id])))[0]
    ?.amount;

describe('a transaction', () => {
  it('is written when the work is done and not when it throws', async () => {
    await db.withScope(noEngagement, (tx) => tx.query('UPDATE account SET amount = 90 WHERE id = 1'));
    const failed = db.withScope(noEngagement, async (tx) => {
      await tx.query('UPDATE account SET amount = 0 WHERE id = 1');
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await amountOf(1)).toBe(90);
  });

  it('says so when the work swallowed an SQL error, instead of a COMMIT that wrote nothing', async () => {
    const swallowed = db.withScope(noEngagement, async (tx) => {
      await tx.query('UPDATE account SET amount = 0 WHERE id = 2');
      await tx.query('INSERT INTO account VALUES (1, 1)').catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow(TransactionAborted);
    expect(await amountOf(2)).toBe(100);
  });

  it('is still ours after TypeORM’s save, which would commit on its own', async () => {
    const failed = db.withScope(noEngagement, async (tx) => {
      await tx.save(Account, { id: 3, amount: 1 });
      throw new Error('after save');
    });
    await expect(failed).rejects.toThrow('after save');
    expect(await amountOf(3)).toBeUndefined();
  });

  it('can have savepoints inside', async () => {
    await db.withScope(noEngagement, async (tx) => {
      await tx.query('INSERT INTO account VALUES (4, 1)');
      const inner = tx.transaction((sp) => sp.query('INSERT INTO account VALUES (4, 2)'));
      await expect(inner).rejects.toThrow('duplicate key');
    });
    expect(await amountOf(4)).toBe(1);
  });

  it('rings after the commit, or after the rollback', async () => {
    const rung: string[] = [];
    await db.withScope(noEngagement, async (tx) => {
      afterCommit(tx, () => void rung.push('committed'));
      afterRollback(tx, () => void rung.push('not this one'));
    });
    await db
      .withScope(noEngagement, async (tx) => {
        afterCommit(tx, () => void rung.push('nor this one'));
        afterRollback(tx, () => void rung.push('rolled back'));
        throw new Error('no');
      })
      .catch(() => undefined);
    await Promise.resolve();
    expect(rung).toEqual(['committed', 'rolled back']);
  });

  it('forgets what a part asked for that was undone, and rings that it was', async () => {
    const rung: string[] = [];
    const note = (tx: EntityManager, name: string, id: number) => {
      afterCommit(tx, () => void rung.push(`${name} committed`));
      afterRollback(tx, () => void rung.push(`${name} undone`));
      withCommit(tx, { sql: 'INSERT INTO account VALUES ($1, 1)', parameters: [id] });
    };
    await db.withScope(noEngagement, async (tx) => {
      note(tx, 'first', 71);
      const undone = partOf(tx);
      await tx.query('SAVEPOINT here');
      note(tx, 'part', 72);
      await tx.query('ROLLBACK TO SAVEPOINT here');
      undone();
      note(tx, 'last', 73);
    });
    await Promise.resolve();
    expect(rung).toEqual(['part undone', 'first committed', 'last committed']);
    expect([await amountOf(71), await amountOf(72), await amountOf(73)]).toEqual([1, undefined, 1]);
  });

  it('returns rows and counts in one shape for every command', async () => {
    await db.withScope(noEngagement, async (tx) => {
      const sql = 'UPDATE account SET amount = amount WHERE id = any($1) RETURNING id';
      expect(await rows(tx, sql, [[1]])).toEqual([{ id: 1 }]);
      expect(await affected(tx, 'DELETE FROM account WHERE id = any($1)', [[98, 99]])).toBe(0);
    });
  });
});

describe('what PostgreSQL interrupts', () => {
  it('runs a deadlock’s victim again, so that both are done', async () => {
    let runs = 0;
    let bothHoldOne = () => {};
    const meeting = new Promise<void>((resolve) => (bothHoldOne = resolve));
    const move = (from: number, to: number) =>
      db.withScope(noEngagement, async (tx) => {
        runs += 1;
        await tx.query('UPDATE account SET amount = amount - 1 WHERE id = $1', [from]);
        if (runs === 2) bothHoldOne();
        await meeting;
        await tx.query('UPDATE account SET amount = amount + 1 WHERE id = $1', [to]);
      });
    await Promise.all([move(1, 2), move(2, 1)]);
    expect(runs).toBe(3);
    expect([await amountOf(1), await amountOf(2)]).toEqual([90, 100]);
  });

  it('calls a lost connection transient and works again at once', async () => {
    const killed = await db
      .withScope(noEngagement, async (tx) => {
        const [me] = await rows<{ pid: number }>(tx, 'SELECT pg_backend_pid() AS pid');
        await fresh.admin.query('SELECT pg_terminate_backend($1)', [me!.pid]);
        await rows(tx, 'SELECT 1');
      })
      .catch((error: unknown) => error);
    expect(killed).toBeInstanceOf(Error);
    expect(isTransient(killed)).toBe(true);
    expect(await amountOf(1)).toBe(90);
  });

  it('tells which constraint decided', async () => {
    const twice = db.withScope(noEngagement, (tx) => tx.query('INSERT INTO account VALUES (1, 1)'));
    const error: unknown = await twice.catch((e: unknown) => e);
    expect([isUniqueViolation(error), isUniqueViolation(error, 'one_account')]).toEqual([true, true]);
    expect([isUniqueViolation(error, 'another'), isTransient(error), sqlState(error)]).toEqual([false, false, '23505']);
  });
});
