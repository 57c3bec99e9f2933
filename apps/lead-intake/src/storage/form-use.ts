import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** Counts one use in each bucket in this hour of real time. @returns uses so far, this one included, in the order asked; of 24 hours where `days` */
export async function countUse(
  tx: EntityManager,
  buckets: readonly { bucket: Buffer; aDay?: boolean }[],
): Promise<number[]> {
  const found = await rows<{ n: number }>(
    tx,
    `WITH b AS (SELECT * FROM unnest($1::bytea[], $2::boolean[]) WITH ORDINALITY AS b (bucket, a_day, i)),
     counted AS (
       INSERT INTO form_use AS u (bucket, hour, n)
       SELECT bucket, date_trunc('hour', clock_timestamp()), 1 FROM b ORDER BY bucket
       ON CONFLICT (bucket, hour) DO UPDATE SET n = u.n + 1 RETURNING bucket, n)
     SELECT (c.n + CASE WHEN b.a_day THEN coalesce((SELECT sum(u.n) FROM form_use u WHERE u.bucket = b.bucket
         AND u.hour < date_trunc('hour', clock_timestamp()) AND u.hour > clock_timestamp() - interval '24 hours'), 0) ELSE 0 END)::int AS n
     FROM b JOIN counted c USING (bucket) ORDER BY b.i`,
    [buckets.map((b) => b.bucket), buckets.map((b) => b.aDay ?? false)],
  );
  return found.map((row) => row.n);
}

/** A form's token is good once. @returns false when it was used before */
export async function useToken(tx: EntityManager, nonce: Buffer): Promise<boolean> {
  const used = await rows(tx, 'INSERT INTO form_token (nonce) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1', [nonce]);
  return used.length > 0;
}

/** Technical data is kept for two days (B9). @returns rows gone */
export async function forgetUse(tx: EntityManager): Promise<void> {
  await tx.query(`DELETE FROM form_use WHERE hour < clock_timestamp() - interval '2 days'`);
  await tx.query(`DELETE FROM form_token WHERE used_at < clock_timestamp() - interval '1 day'`);
}
