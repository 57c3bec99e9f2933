import { VendorRefused } from '../vendor-errors.js';
import type { CallOptions } from '../needs.js';
import type { HubSpotAccount } from './http.js';

/** Where our property stands in the client's settings; accounts differ, so the first group there is serves too. */
const GROUPS = { contacts: 'contactinformation', meetings: 'meetinginformation' } as const;

/** Makes our own unique property when it is missing; safe to repeat and to race (409 = somebody was faster).
 * @throws VendorRefused `property-not-unique`: one of that name is there and would let two records share a key */
export async function ensureKeyProperty(
  account: HubSpotAccount,
  object: 'contacts' | 'meetings',
  name: string,
  o: CallOptions,
): Promise<void> {
  const root = `/crm/properties/2026-09/${object}`;
  const read = () => account.call({ method: 'GET', path: `${root}/${name}` }, o, [404]);
  let present = await read();
  if (present.status === 404) {
    const body = {
      name,
      label: 'Avtala key',
      description: 'Set by Avtala to find its own record again. Holds no personal data; please leave it as it is.',
      groupName: await groupOf(account, object, o),
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
      hidden: true,
      formField: false,
    };
    const made = await account.call({ method: 'POST', path: root, body }, o, [409]);
    if (made.status !== 409) return;
    present = await read();
  }
  if ((present.body as { hasUniqueValue?: unknown } | undefined)?.hasUniqueValue !== true)
    throw new VendorRefused('property-not-unique', 409, [name]);
}

async function groupOf(account: HubSpotAccount, object: 'contacts' | 'meetings', o: CallOptions): Promise<string> {
  const answer = await account.call({ method: 'GET', path: `/crm/properties/2026-09/${object}/groups` }, o, [404]);
  const results = (answer.body as { results?: { name?: unknown }[] } | undefined)?.results ?? [];
  const names = results.map((g) => g.name).filter((n) => typeof n === 'string');
  return names.includes(GROUPS[object]) ? GROUPS[object] : (names[0] ?? GROUPS[object]);
}

/** Names of an account's properties that are neither computed nor the vendor's own bookkeeping. */
export function writableProperties(body: unknown): string[] {
  const results = (body as { results?: unknown } | undefined)?.results;
  return (Array.isArray(results) ? (results as Record<string, unknown>[]) : []).flatMap((p) => {
    const name = p['name'];
    const readOnly = (p['modificationMetadata'] as { readOnlyValue?: unknown } | undefined)?.readOnlyValue === true;
    const usable = typeof name === 'string' && !name.startsWith('hs_') && !READ_ONLY.has(name);
    return usable && !readOnly && p['calculated'] !== true ? [name] : [];
  });
}

const READ_ONLY = new Set([
  'createdate',
  'lastmodifieddate',
  'notes_last_updated',
  'notes_last_contacted',
  'num_notes',
]);
