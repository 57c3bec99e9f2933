import { createHash } from 'node:crypto';
import type { ChangeSignal } from '../../domain/client-changes.js';

/** One thing that happened in an account. */
export interface WebhookEvent {
  /** The same for every time it is sent. */
  readonly id: string;
  readonly account: string;
  readonly signals: readonly ChangeSignal[];
}

const MOST = 100;
type Json = Record<string, unknown>;

/** What a delivery says, as ids alone: values and who changed them are dropped here. Types we do not know, and what we changed ourselves, are no
 * events. @returns undefined when it is no delivery of HubSpot's
 * @param ourselves as which writers the vendor names us */
export function webhookEvents(body: Buffer, ourselves: readonly string[]): WebhookEvent[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || list.length > MOST) return undefined;
  return list.flatMap((item: unknown) => {
    const e = typeof item === 'object' && item !== null ? (item as Json) : {};
    const account = idOf(e['portalId']);
    const signals = signalsOf(e, ourselves);
    return account && signals.length ? [{ id: eventId(e), account, signals }] : [];
  });
}

function signalsOf(e: Json, ourselves: readonly string[]): ChangeSignal[] {
  const id = idOf(e['objectId']);
  const ours = e['changeSource'] === 'INTEGRATION' && ourselves.includes(String(e['sourceId'] ?? e['appId'] ?? ''));
  switch (e['subscriptionType']) {
    case 'contact.deletion':
      return id ? [{ object: 'contact', id, erased: false }] : [];
    case 'contact.privacyDeletion':
      return id ? [{ object: 'contact', id, erased: true }] : [];
    case 'contact.propertyChange':
      return id && !ours ? [{ object: 'contact', id, erased: false }] : [];
    case 'contact.merge': {
      const merged = Array.isArray(e['mergedObjectIds']) ? e['mergedObjectIds'] : [];
      const ids = [...merged, e['primaryObjectId']].map(idOf).filter((i) => i !== undefined);
      return [...new Set(ids)].map((i) => ({ object: 'contact', id: i, erased: false }));
    }
    default:
      return [];
  }
}

const idOf = (value: unknown): string | undefined =>
  (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) ||
  (typeof value === 'string' && /^\d{1,20}$/.test(value))
    ? String(value)
    : undefined;

/** The vendor's event numbers are not promised to be unique, so what happened to what is part of it; the attempt is not. */
function eventId(e: Json): string {
  const parts = [e['portalId'], e['eventId'], e['subscriptionType'], e['objectId'], e['occurredAt'], e['propertyName']];
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
