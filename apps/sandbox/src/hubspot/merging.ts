import type { Reply } from '../web.js';
import { mustLookUp, shown, typeOf, type Call } from './call.js';
import type { CrmRecord } from './portal.js';
import { OBJECT_TYPES } from './property-names.js';
import { vendorError } from './vendor-error.js';

/** Merges one record into another: the primary's values win, empty ones are filled, the other address becomes an additional one. The
 * merged record keeps only its id, which from now on answers with the primary. */
export async function merge(call: Call): Promise<Reply> {
  const type = typeOf(call.params['objectType']);
  const { primaryObjectId, objectIdToMerge } = call.body as { primaryObjectId: string; objectIdToMerge: string };
  const primary = mustLookUp(call, type, primaryObjectId);
  const other = mustLookUp(call, type, objectIdToMerge);
  if (primary.id === other.id) throw vendorError(400, 'VALIDATION_ERROR', 'A record cannot be merged with itself');

  const shell: CrmRecord = {
    ...other,
    properties: {},
    written: {},
    links: {},
    mergedInto: primary.id,
    updatedAt: call.at,
  };
  call.portal.put(shell);
  const merged = combine(primary, other, call);
  call.portal.put(merged);
  const neighbours = OBJECT_TYPES.flatMap((t) =>
    (other.links[t] ?? []).map((id) => {
      const record = call.portal.find(t, id) as CrmRecord;
      const ids = (record.links[type] ?? []).map((x) => (x === other.id ? primary.id : x));
      const after = { ...record, links: { ...record.links, [type]: [...new Set(ids)] } };
      call.portal.put(after);
      return after;
    }),
  );
  await call.portal.saved([shell, merged, ...neighbours]);
  return { status: 200, body: shown(merged, null) };
}

function combine(primary: CrmRecord, other: CrmRecord, call: Call): CrmRecord {
  const split = (value: string | undefined) => (value ?? '').split(';').filter(Boolean);
  const emails = [
    ...split(primary.properties['hs_additional_emails']),
    ...split(other.properties['hs_additional_emails']),
  ];
  if (other.properties['email'] && primary.properties['email']) emails.push(other.properties['email']);
  const ids = [
    ...split(primary.properties['hs_merged_object_ids']),
    ...split(other.properties['hs_merged_object_ids']),
    other.id,
  ];
  const links = Object.fromEntries(
    OBJECT_TYPES.map((t) => [t, [...new Set([...(primary.links[t] ?? []), ...(other.links[t] ?? [])])]]),
  );
  return {
    ...primary,
    properties: {
      ...other.properties,
      ...primary.properties,
      hs_merged_object_ids: ids.join(';'),
      ...(emails.length === 0 ? {} : { hs_additional_emails: emails.join(';') }),
      lastmodifieddate: call.at,
    },
    written: { ...other.written, ...primary.written, lastmodifieddate: [call.at, call.author] },
    updatedAt: call.at,
    links,
  };
}
