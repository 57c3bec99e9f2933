import type { ServiceName } from '@avtala/contracts';
import type { Db } from '@avtala/database';
import { LANES } from '../topics.js';

/** A row for each lane of each topic the group reads, from the start on: it is the lane's lock as well as its position. */
export async function ensureCursors(db: Db, group: ServiceName, topics: readonly string[]): Promise<void> {
  await db.asWorker((tx) =>
    tx.query(
      `INSERT INTO cursor (grp, topic, lane) SELECT $1, t, l FROM unnest($2::text[]) t, generate_series(0, ${LANES - 1}) l
       ON CONFLICT DO NOTHING`,
      [group, topics],
    ),
  );
}
