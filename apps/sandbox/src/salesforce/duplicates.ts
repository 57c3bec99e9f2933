import { itemError, type ItemError } from './errors.js';
import type { SObjectName } from './fields.js';
import type { DuplicateRule, Org, SRecord } from './org.js';

/** `Sforce-Duplicate-Rule-Header`. */
export interface DuplicateHeader {
  allowSave: boolean;
  includeRecordDetails: boolean;
}

export function readHeader(text: string | string[] | undefined): DuplicateHeader {
  const given = new Map(
    String(text ?? '')
      .split(/[;,]/)
      .map((pair) => pair.trim().split('=') as [string, string]),
  );
  return {
    allowSave: given.get('allowSave') === 'true',
    includeRecordDetails: given.get('includeRecordDetails') === 'true',
  };
}

/** What the org's duplicate rules say of values about to be stored; undefined = they may. An alert gives way to `allowSave`, a block does not. */
export function duplicateError(
  org: Org,
  type: SObjectName,
  own: string | undefined,
  fields: Record<string, unknown>,
  header: DuplicateHeader,
): ItemError | undefined {
  for (const rule of org.settings.duplicateRules) {
    if (rule.object !== type || (rule.action === 'alert' && header.allowSave)) continue;
    const matches = matching(org, rule, own, fields);
    if (matches.length === 0) continue;
    return {
      ...itemError('DUPLICATES_DETECTED', 'Use one of these records?'),
      duplicateResult: {
        allowSave: rule.action === 'alert',
        ...{ duplicateRule: `${rule.object}_Duplicate_Rule`, duplicateRuleEntityType: rule.object },
        errorMessage: 'Use one of these records?',
        matchResults: rule.against.flatMap((entityType) => {
          const records = matches.filter((m) => m.type === entityType);
          return records.length ? [matchResult(entityType, records, header.includeRecordDetails)] : [];
        }),
      },
    };
  }
  return undefined;
}

function matching(org: Org, rule: DuplicateRule, own: string | undefined, fields: Record<string, unknown>): SRecord[] {
  const wanted = rule.match.map((f) => [f, fields[f]] as const);
  if (wanted.some(([, v]) => typeof v !== 'string')) return [];
  return rule.against.flatMap((type) =>
    [...org.all(type)].filter(
      (r) =>
        r.id !== own &&
        !r.deletedAt &&
        r.fields['IsConverted'] !== true &&
        wanted.every(([f, v]) => String(r.fields[f] ?? '').toLowerCase() === String(v).toLowerCase()),
    ),
  );
}

const matchResult = (entityType: SObjectName, records: SRecord[], details: boolean) => ({
  ...{ entityType, errors: [], matchEngine: 'FuzzyMatchEngine', rule: `Standard_${entityType}_Match_Rule_v1_0` },
  matchRecords: records.map((r) => ({
    ...{ additionalInformation: [], fieldDiffs: [], matchConfidence: 100 },
    record: {
      attributes: { type: r.type, url: `/services/data/v67.0/sobjects/${r.type}/${r.id}` },
      Id: r.id,
      ...(details ? r.fields : {}),
    },
  })),
  ...{ size: records.length, success: true },
});
