import type { Reply } from '../web.js';
import { unlinkAll } from './associations.js';
import { typeOf, type Call } from './call.js';
import type { CrmRecord, Portal } from './portal.js';
import { notFound } from './vendor-error.js';

const DAY_MS = 86_400_000;

/** Restorable: the record leaves searches and gives its unique values free, but keeps its text for as long as this stand-in lives. */
export function archived(record: CrmRecord, at: string): CrmRecord {
  return { ...record, archivedAt: record.archivedAt ?? at, updatedAt: at };
}

/** Permanent deletion: gone from reads at once, among the archived until the purge, its address blocked. Activities are un-associated
 * and keep their text. An address nobody has is blocked too. Done twice, it stays done. */
export async function deletePermanently(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { objectId, idProperty } = call.body as { objectId: string; idProperty?: string };
  const record = toDelete(call, objectId, idProperty);
  if (call.lies()) return { status: 204 };
  if (!record) {
    if (idProperty !== 'email') throw notFound(`${type} record`);
    await call.portal.block(call.mark(objectId.trim().toLowerCase()));
    return { status: 204 };
  }
  const purgeAt = record.purgeAt ?? new Date(Date.parse(call.at) + call.settings.purgeDays * DAY_MS).toISOString();
  const neighbours = unlinkAll(call.portal, record);
  const after = { ...archived(record, call.at), purgeAt, links: {} };
  call.portal.put(after);
  for (const email of addresses(record)) await call.portal.block(call.mark(email));
  await call.portal.saved([after, ...neighbours]);
  return { status: 204 };
}

function toDelete(call: Call, objectId: string, idProperty: string | undefined): CrmRecord | undefined {
  const { portal } = call;
  if (!idProperty) return portal.live('contacts', objectId) ?? portal.find('contacts', objectId);
  const wanted = idProperty === 'email' ? objectId.trim().toLowerCase() : objectId;
  const live = portal.byUnique('contacts', idProperty, objectId);
  return (
    live ?? [...portal.all('contacts')].find((r) => !r.mergedInto && !r.purgeAt && r.properties[idProperty] === wanted)
  );
}

function addresses(record: CrmRecord): string[] {
  const more = (record.properties['hs_additional_emails'] ?? '').split(';');
  return [record.properties['email'] ?? '', ...more].filter(Boolean);
}

export async function archiveBatch(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { inputs } = call.body as { inputs: { id: string }[] };
  if (call.lies()) return { status: 204 };
  const after = inputs.flatMap(({ id }) => {
    const record = call.portal.live(type, id);
    return record ? [archived(record, call.at)] : [];
  });
  for (const record of after) call.portal.put(record);
  await call.portal.saved(after);
  return { status: 204 };
}

/** Forgets every record whose purge is due, and what had been merged into it.
 * @returns the next purge still ahead, in milliseconds */
export async function purge(portal: Portal, now: number): Promise<number | null> {
  const due: CrmRecord[] = [];
  let next: number | null = null;
  for (const record of portal.all()) {
    if (!record.purgeAt) continue;
    const at = Date.parse(record.purgeAt);
    if (at <= now) due.push(record);
    else next = Math.min(next ?? at, at);
  }
  if (due.length === 0) return next;
  const gone = new Set(due.map((r) => r.id));
  const merged = [...portal.all('contacts')].filter((r) => r.mergedInto && gone.has(r.mergedInto));
  for (const record of [...due, ...merged]) portal.drop(record);
  await portal.saved([...due, ...merged]);
  return next;
}
