import { describe, expect, it } from '@jest/globals';
import { DESK_HEARD_MS, standingsOf, type DeskState } from './desk-state.js';

const NOW = Date.UTC(2027, 2, 1, 9);
const ago = (seconds: number) => new Date(NOW - seconds * 1000);
const told = (userId: string, state: DeskState, since: number, seen = 3) => ({
  ...{ userId, engagementId: 'e', state },
  ...{ since: ago(since), seenAt: ago(seen) },
});
const held = (userId: string, since: number) => ({ userId, engagementId: 'e', since: ago(since) });

describe('where bookers are', () => {
  it.each([
    ['in a call, as the desk said', [told('a', 'in-call', 161)], [held('a', 200)], ['in-call', 161]],
    ['a lead counts from when it was handed out', [told('a', 'lead', 600)], [held('a', 12)], ['lead', 12]],
    ['a lead whose claim ended', [told('a', 'lead', 600)], [], ['lead', 600]],
    ['no desk, but a lead', [], [held('a', 40)], ['lead', 40]],
    ['paused', [told('a', 'paused', 5)], [], ['paused', 5]],
    ['a desk not heard of for long, but a lead', [told('a', 'in-call', 900, 91)], [held('a', 901)], ['lead', 901]],
    ['the desk heard of last counts', [told('a', 'paused', 9, 30), told('a', 'wrap-up', 4, 1)], [], ['wrap-up', 4]],
    ['a clock that runs behind is no negative time', [told('a', 'paused', -2, 0)], [], ['paused', 0]],
  ] as const)('%s', (_, said, has, [state, forSeconds]) =>
    expect(standingsOf(said, has, NOW)).toEqual([{ userId: 'a', engagementId: 'e', state, forSeconds }]),
  );

  it('nobody is there once the desk is silent and no lead is in hand', () => {
    expect(standingsOf([told('a', 'waiting', 900, DESK_HEARD_MS / 1000 + 1)], [], NOW)).toEqual([]);
  });

  it('is ordered by id, not by what anybody does', () => {
    const said = [told('c', 'in-call', 1), told('a', 'paused', 900), told('b', 'waiting', 5)];
    expect(standingsOf(said, [], NOW).map((s) => s.userId)).toEqual(['a', 'b', 'c']);
  });
});
