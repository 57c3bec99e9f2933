import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

/** Counts one use in each bucket in this hour of real time. @returns uses so far, this one included, in the order asked */
export async function countUse(tx: EntityManager, buckets: readonly Buffer[]): Promise<number[]> {
  const found = await rows<{ n: number }>(
    tx,
    `with b as (select * from unnest($1::bytea[]) with ordinality as b (bucket, i)),
     counted as (
       insert into link_use as u (bucket, hour, n) select bucket, date_trunc('hour', clock_timestamp()), 1 from b order by bucket
       on conflict (bucket, hour) do update set n = u.n + 1 returning bucket, n)
     select c.n from b join counted c using (bucket) order by b.i`,
    [buckets],
  );
  return found.map((row) => row.n);
}

/** Technical data is kept for two days (B9). */
export async function forgetUse(tx: EntityManager): Promise<void> {
  await tx.query(`delete from link_use where hour < clock_timestamp() - interval '2 days'`);
}
