import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** Counts an act of a user, in windows of real time. @returns how many in the present window, this one included, and when the next one starts */
export async function countAct(
  tx: EntityManager,
  userId: string,
  act: string,
  windowSeconds: number,
): Promise<{ n: number; secondsLeft: number }> {
  const [row] = await rows<{ n: number; secondsLeft: number }>(
    tx,
    `INSERT INTO act_count AS c (user_id, act) VALUES ($1, $2)
     ON CONFLICT (user_id, act) DO UPDATE SET
       n = CASE WHEN c.since < clock_timestamp() - $3::float8 * interval '1 second' THEN 1 ELSE c.n + 1 END,
       since = CASE WHEN c.since < clock_timestamp() - $3::float8 * interval '1 second' THEN clock_timestamp() ELSE c.since END
     RETURNING n, ceil($3::float8 - extract(epoch FROM clock_timestamp() - since))::int AS "secondsLeft"`,
    [userId, act, windowSeconds],
  );
  return row!;
}
