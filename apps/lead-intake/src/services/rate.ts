import type { Principal } from '@avtala/access';
import type { EntityManager } from 'typeorm';
import { LIMITS, TooOften } from '../domain/limits.js';
import { countAct } from '../storage/limits.js';

/** @throws TooOften */
export async function limit(tx: EntityManager, caller: Principal, act: keyof typeof LIMITS): Promise<void> {
  const { most, windowSeconds } = LIMITS[act];
  const { n, secondsLeft } = await countAct(tx, caller.userId, act, windowSeconds);
  if (n > most) throw new TooOften(secondsLeft);
}
