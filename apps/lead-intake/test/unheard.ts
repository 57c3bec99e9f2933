import type { Db } from '@avtala/database';

/** PostgreSQL went away right after COMMIT: it is done, and the service has not heard of it. Once.
 * @param isIt what the transaction returned
 * @returns ends it */
export function unheard(service: object, isIt: (result: unknown) => boolean): () => void {
  const { db } = service as { db: Db };
  let broken = false;
  const away: Pick<Db, 'withScope'> = {
    withScope: async (scope, fn) => {
      const result = await db.withScope(scope, fn);
      if (broken || !isIt(result)) return result;
      broken = true;
      throw new Error('the connection broke during COMMIT');
    },
  };
  Object.assign(service, { db: away });
  return () => void Object.assign(service, { db });
}
