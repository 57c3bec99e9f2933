import type { ServiceName } from '@avtala/contracts';
import { rows, type Db } from '@avtala/database';
import type { Clock } from '@avtala/time';
import { schemaOf, Topics } from '../topics.js';

/** How much is waiting, and since when: for whoever watches the service (docs/operations.md). */
export interface Depths {
  /** Events on their way out; age by business time, in seconds. */
  readonly outbox: { readonly count: number; readonly ageSeconds: number };
  /** Events being tried again, or waiting behind one that is. */
  readonly held: number;
  /** Events and due work given up until a person looks. */
  readonly parked: number;
  /** Due work whose time has come; age of the oldest by business time. */
  readonly due: { readonly count: number; readonly ageSeconds: number };
  /** Not yet read of other services' logs, by topic; empty on Kafka, where the broker knows. Real time. */
  readonly lag: readonly { readonly topic: string; readonly count: number; readonly ageSeconds: number }[];
}

/** Counting stops here: more is not told apart from as much. */
const MOST = 100_000;

export async function depthsOf(db: Db, clock: Clock, group: ServiceName, topics: Topics): Promise<Depths> {
  return db.asWorker(async (tx) => {
    const now = clock.now().toString();
    const [own] = await rows<
      Record<'outbox' | 'held' | 'parked' | 'due', string> & Record<'outboxAge' | 'dueAge', number>
    >(tx, OWN, [now]);
    const read = await rows<{ topic: string }>(tx, 'select distinct topic from cursor where grp = $1 order by topic', [
      group,
    ]);
    const lag = [];
    for (const { topic } of read) {
      const schema = schemaOf(topics.ownerOf(topic));
      const [readable] = await rows<{ yes: boolean }>(
        tx,
        `select coalesce(has_table_privilege(to_regclass($1)::oid, 'select'), false) as yes`,
        [`${schema}.log`],
      );
      if (!readable!.yes) continue; // its owner has not been installed yet
      const [behind] = await rows<{ count: string; age: number }>(
        tx,
        `select count(*) as count, coalesce(extract(epoch from now() - min(logged_at)), 0)::float8 as age
           from (select l.logged_at from cursor c join ${schema}.log l on l.lane = c.lane and l.pos > c.pos
                  where c.grp = $1 and c.topic = $2 limit ${MOST}) unread`,
        [group, topic],
      );
      lag.push({ topic, count: Number(behind!.count), ageSeconds: Math.max(0, behind!.age) });
    }
    return {
      outbox: { count: Number(own!.outbox), ageSeconds: Math.max(0, own!.outboxAge) },
      held: Number(own!.held),
      parked: Number(own!.parked),
      due: { count: Number(own!.due), ageSeconds: Math.max(0, own!.dueAge) },
      lag,
    };
  });
}

const counted = (from: string) => `(select count(*) from (select from ${from} limit ${MOST}) x)`;
const OWN = `
  select ${counted('outbox')} as outbox,
         coalesce(extract(epoch from $1::timestamptz - (select at from outbox order by id limit 1)), 0)::float8 as "outboxAge",
         ${counted(`held where due_at < 'infinity'`)} as held,
         ${counted(`held where due_at = 'infinity'`)} + ${counted('due where parked')} as parked,
         ${counted('due where not parked and due_at <= $1')} as due,
         coalesce(extract(epoch from $1::timestamptz - (select min(due_at) from due where not parked and due_at <= $1)), 0)::float8 as "dueAge"`;
