import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Gathered } from './gathered.js';

/** Look-ups that are answered when the test says so. */
function heldBack() {
  const statements: { keys: string[]; answer: (found: Map<string, number>) => void; fail: (error: Error) => void }[] =
    [];
  const gathered = new Gathered<number>(
    (keys) => new Promise((answer, fail) => statements.push({ keys, answer, fail })),
    1,
  );
  return { gathered, statements };
}

it('asks once for all that come in one turn, and each gets its own', async () => {
  const { gathered, statements } = heldBack();
  const asked = ['b', 'a', 'b', 'c'].map((key) => gathered.ask(key));
  await turn();
  expect(statements.map((s) => s.keys)).toEqual([['a', 'b', 'c']]);
  statements[0]!.answer(
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  );
  expect(await Promise.all(asked)).toEqual([2, 1, 2, undefined]);
});

it('what is asked while a look-up is under way is looked up anew: a revocation in between is seen', async () => {
  const { gathered, statements } = heldBack();
  const before = gathered.ask('a');
  await turn();
  const after = gathered.ask('a');
  await turn();
  expect(statements).toHaveLength(1);
  statements[0]!.answer(new Map([['a', 1]]));
  expect(await before).toBe(1);
  await turn();
  statements[1]!.answer(new Map());
  expect(await after).toBeUndefined();
});

it('a failed look-up fails those who asked for it, and none after them', async () => {
  const { gathered, statements } = heldBack();
  const failed = Promise.allSettled([gathered.ask('a'), gathered.ask('b')]);
  await turn();
  statements[0]!.fail(new Error('the database is away'));
  expect((await failed).map((s) => s.status)).toEqual(['rejected', 'rejected']);
  const next = gathered.ask('a');
  await turn();
  statements[1]!.answer(new Map([['a', 3]]));
  expect(await next).toBe(3);
});
