import type { Scope } from '@avtala/database';
import type { IsOurs, Link, VendorRecord } from '../domain/records.js';
import type { FindOptions, Crm } from '../outbound/needs.js';
import type { Connection } from '../storage/connections.js';
import type { Settlement } from '../storage/erasures.js';

/** Some records of one connection that an order is about. */
export interface SettleRun {
  readonly connection: Connection;
  readonly crm: Crm;
  readonly scope: Scope;
  /** Real time, ms: no vendor call starts later. */
  readonly until: number;
  /** An erasure has a clock of its own, for which the day's reserve is kept. */
  readonly urgent: boolean;
  /** Whether the engagement lets records we made be deleted. */
  readonly deletes: boolean;
}

/** What we still know about one of them. `isOurs` null: the lead's key is destroyed. */
export interface ToSettle {
  readonly row: Settlement;
  readonly link: Link;
  readonly isOurs: IsOurs | null;
  /** Only while the lead's key lives. */
  readonly email: string | undefined;
}

/** After so many tries a vendor that says yes and does nothing is reported instead of asked again; reading back goes on. */
export const MAX_ASKS = 4;

type Finder = (by: 'id' | 'key', values: readonly string[], o: FindOptions) => Promise<Map<string, VendorRecord>>;

/** Looks for records by our key and by their id, in lists and in the recycle bin; our key → record. */
export async function findEverywhere(
  find: Finder,
  rows: readonly { key: string; vendorId: string | null }[],
  o: FindOptions,
): Promise<Map<string, VendorRecord>> {
  const found = new Map<string, VendorRecord>();
  for (const archived of [false, true]) {
    const where = { ...o, archived };
    const missing = rows.filter((r) => !found.has(r.key));
    const byKey = await find(
      'key',
      missing.map((r) => r.key),
      where,
    );
    for (const [key, record] of byKey) found.set(key, record);
    const withId = missing.filter((r) => !found.has(r.key) && r.vendorId !== null);
    const byId = await find(
      'id',
      withId.map((r) => r.vendorId!),
      where,
    );
    for (const r of withId) {
      const record = byId.get(r.vendorId!);
      if (record) found.set(r.key, record);
    }
  }
  return found;
}
