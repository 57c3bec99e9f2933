/** The five-character SQLSTATE of a PostgreSQL error, however deep TypeORM or a `cause` wrapped it; else undefined. */
export function sqlState(error: unknown): string | undefined {
  const found = driverError(error)?.code;
  return typeof found === 'string' && /^[0-9A-Z]{5}$/.test(found) ? found : undefined;
}

/** @param constraint name of the unique or exclusion constraint; without it any of them counts */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const state = sqlState(error);
  if (state !== '23505' && state !== '23P01') return false;
  return constraint === undefined || driverError(error)?.constraint === constraint;
}

/** Deadlock or serialization failure, or a prepared statement whose table was changed since: the whole transaction was rolled back and may
 * simply be run again. */
export function mayRunAgain(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01' || (state === '0A000' && isStalePlan(error));
}

// 0A000 says "feature not supported" of many things: this one's text is the only mark (plancache.c)
function isStalePlan(error: unknown): boolean {
  return error instanceof Error && /cached plan must not change result type/.test(error.message);
}

// 08 connection, 53 resources, 57P admin shutdown / crash / starting up, 55P03 lock timeout, 25P03 idle in transaction
const TRANSIENT_STATE = /^(?:08...|53...|57P0[1-5]|55P03|25P0[34]|40001|40P01)$/;
const TRANSIENT_CODE = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);
// pg gives these no code at all; the text is the only mark (pg 8.23, lib/client.js and pg-pool)
// "already released": TypeORM gives a runner back as soon as its connection breaks, and says only this to the next query
const TRANSIENT_TEXT =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Connection ended|[Qq]uery runner already released/;

/** The failure is the database's or the network's, not the work's: try the same work again, without counting an attempt. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  if (state) return TRANSIENT_STATE.test(state);
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if (TRANSIENT_CODE.has(String((e as { code?: unknown }).code))) return true;
    if (e instanceof AggregateError && e.errors.some(isTransient)) return true;
    if (TRANSIENT_TEXT.test(e.message)) return true;
  }
  return false;
}

interface DriverError {
  code?: unknown;
  constraint?: unknown;
}

function driverError(error: unknown): DriverError | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    const inner = (e as { driverError?: unknown }).driverError ?? e;
    if (/^[0-9A-Z]{5}$/.test(String((inner as DriverError).code))) return inner as DriverError;
  }
  return undefined;
}
