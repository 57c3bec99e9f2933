import { setTimeout as delay } from 'node:timers/promises';
import type { CallOptions } from '../needs.js';
import { VendorRefused } from '../vendor-errors.js';
import type { SalesforceOrg } from './org.js';
import { objectOf } from './records.js';

const JOBS = '/jobs/ingest';
const LOOK_MS = 500;
const LONGEST_MS = 15_000;

/** Past the recycle bin by the Bulk API, for what cannot be taken out of it otherwise; a queue, so it is the second choice. Where our user lacks the
 * permission "Bulk API Hard Delete" nothing happens. A job that is not over in time goes on by itself: reading back shows what came of it. */
export async function hardDelete(org: SalesforceOrg, ids: readonly string[], o: CallOptions): Promise<void> {
  if (!(await permitted(org, o))) return;
  for (const object of ['Lead', 'Contact', 'Event'] as const) {
    const own = ids.filter((id) => objectOf(id) === object);
    if (own.length === 0) continue;
    const body = { object, operation: 'hardDelete', contentType: 'CSV', lineEnding: 'LF' };
    const { id } = await org.call<{ id: string }>({ method: 'POST', path: JOBS, body }, o);
    const job = `${JOBS}/${encodeURIComponent(id)}`;
    await org.call<unknown>({ method: 'PUT', path: `${job}/batches`, csv: `Id\n${own.join('\n')}\n` }, o);
    await org.call<unknown>({ method: 'PATCH', path: job, body: { state: 'UploadComplete' } }, o);
    const end = Math.min(o.until, Date.now() + LONGEST_MS);
    for (;;) {
      const { state } = await org.call<{ state?: string }>({ method: 'GET', path: job }, o);
      if (state === 'JobComplete' || state === 'Failed' || state === 'Aborted' || Date.now() + LOOK_MS > end) break;
      await delay(LOOK_MS);
    }
  }
}

async function permitted(org: SalesforceOrg, o: CallOptions): Promise<boolean> {
  const soql = 'SELECT PermissionsBulkApiHardDelete FROM UserPermissionAccess LIMIT 1';
  try {
    const path = `/query?q=${encodeURIComponent(soql)}`;
    const answer = await org.call<{ records?: { PermissionsBulkApiHardDelete?: boolean }[] }>(
      { method: 'GET', path },
      o,
    );
    return answer.records?.[0]?.PermissionsBulkApiHardDelete === true;
  } catch (error) {
    if (error instanceof VendorRefused) return false;
    throw error;
  }
}
