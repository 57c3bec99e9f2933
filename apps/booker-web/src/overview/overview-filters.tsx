import { NativeSelect } from '@mantine/core';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import css from './overview.module.css';
import type { OverviewSearch } from './routes.js';

export const FIRST_FILTER = 'overview-filter';

interface Choice {
  readonly id: string;
  readonly name: string;
}

/** By engagement and host, where there is more than one: ids in the address, names on the page. */
export function OverviewFilters({
  search,
  engagements,
  hosts,
  filter,
}: {
  readonly search: OverviewSearch;
  readonly engagements: readonly Choice[];
  readonly hosts: readonly Choice[];
  readonly filter: (search: OverviewSearch) => void;
}) {
  const t = useWords(overview).filters;
  const fields = [
    ['engagement', t.engagement, engagements],
    ['host', t.host, hosts],
  ] as const;
  const shown = fields.filter(([, , choices]) => choices.length > 1);
  if (!shown.length) return null;
  const pick = (name: 'engagement' | 'host', value: string) => {
    const { [name]: _, ...rest } = search;
    filter(value ? { ...rest, [name]: value } : rest);
  };
  return (
    <>
      {shown.map(([name, label, choices], i) => (
        <label key={name} className={css.filter}>
          <span>
            {label} {i === 0 && <KeyHint k="/" />}
          </span>
          <NativeSelect
            {...(i === 0 ? { id: FIRST_FILTER, 'aria-keyshortcuts': ariaKeys('/') } : {})}
            value={search[name] ?? ''}
            onChange={(event) => pick(name, event.currentTarget.value)}
            data={[{ value: '', label: t.all }, ...choices.map((c) => ({ value: c.id, label: c.name }))]}
          />
        </label>
      ))}
    </>
  );
}
