import { FilterChips } from '../ui/filter-chips.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { STATUS } from '../words/status.js';
import { FILTER_KEYS, type FilterKey, type LeadsSearch } from './lead-filters.js';
import { useEngagements } from './leads-api.js';

/** The filters that hold, each removable; nothing of them is about a person, since they stand in the address. */
export function LeadChips({
  search,
  onChange,
}: {
  readonly search: LeadsSearch;
  readonly onChange: (next: LeadsSearch) => void;
}) {
  const t = useWords(leads);
  const language = useLanguage();
  const { nameOf } = useEngagements();
  const f = t.filters;
  const label: Record<FilterKey, () => string> = {
    engagement: () => `${f.engagement}: ${nameOf(search.engagement!)}`,
    state: () => `${f.state}: ${STATUS.lead[search.state!][language]}`,
    ground: () => `${f.ground}: ${t.grounds[search.ground!]}`,
    source: () => `${f.source}: ${search.source}`,
    notice: () => f.notice,
    callable: () => f.callable,
    mine: () => f.mine,
  };
  return (
    <FilterChips
      chips={FILTER_KEYS.filter((k) => search[k] !== undefined).map((k) => ({ id: k, label: label[k]() }))}
      onRemove={(id) => onChange(without(search, id as FilterKey))}
      onClear={() => onChange(search.sort ? { sort: search.sort } : {})}
    />
  );
}

function without(search: LeadsSearch, key: FilterKey): LeadsSearch {
  const { [key]: _gone, ...rest } = search;
  return rest;
}

/** Backspace takes the last chip. */
export function withoutLast(search: LeadsSearch): LeadsSearch {
  const last = FILTER_KEYS.findLast((k) => search[k] !== undefined);
  return last ? without(search, last) : search;
}
