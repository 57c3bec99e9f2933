import { Button, Select, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { TRAILS } from '../app/audit-trails.js';
import { useKeys } from '../keys/use-keys.js';
import { auditActs } from '../words/audit-acts.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './audit.module.css';
import { type AuditSearch, isDay, isId } from './routes.js';
import { actLabel, type Saying } from './sentence.js';

/** Filters of the log, kept in the address: ids, codes and days. */
export function AuditFilters({
  search,
  say,
  onChange,
}: {
  readonly search: AuditSearch;
  readonly say: Saying;
  readonly onChange: (change: { readonly [K in keyof AuditSearch]: AuditSearch[K] | undefined }) => void;
}) {
  const { t, staff } = say;
  const f = t.filters;
  const logs = useWords(shell).chain.logs;
  const first = useRef<HTMLInputElement>(null);
  useKeys(t.title, [{ key: '/', does: f.title, run: () => first.current?.focus() }]);
  const acts = Object.keys(useWords(auditActs))
    .filter((act) => !act.includes('@'))
    .map((value) => ({ value, label: actLabel(value, say) }))
    .sort((a, b) => a.label.localeCompare(b.label, say.language));
  const people = [...staff].map(([value, label]) => ({ value, label }));
  people.sort((a, b) => a.label.localeCompare(b.label, say.language));
  const known = new Set([...staff.keys(), ...TRAILS]);
  if (search.who && !known.has(search.who)) people.push({ value: search.who, label: search.who });
  const changed = ['service', 'who', 'lead', 'act', 'from', 'to'].filter((key) => search[key as keyof AuditSearch]);
  const day = (key: 'from' | 'to') => (
    <DayInput
      key={`${key} ${search[key]}`}
      label={f[key]}
      value={search[key]}
      onDay={(value) => onChange({ [key]: value })}
    />
  );
  return (
    <div className={css.filters} role="search" aria-label={f.title}>
      <Select
        ref={first}
        label={f.who}
        placeholder={f.anybody}
        searchable
        clearable
        data={[
          { group: f.staff, items: people },
          { group: f.systems, items: TRAILS.map((value) => ({ value, label: `${t.system}: ${logs[value]}` })) },
        ]}
        value={search.who ?? null}
        onChange={(value) => onChange({ who: value ?? undefined })}
      />
      <Select
        className={css.what}
        label={f.act}
        placeholder={f.anything}
        searchable
        clearable
        data={acts}
        value={search.act ?? null}
        onChange={(value) => onChange({ act: value ?? undefined })}
      />
      <IdInput
        key={search.lead}
        label={f.lead}
        wrong={f.leadWrong}
        value={search.lead}
        onId={(lead) => onChange({ lead })}
      />
      {day('from')}
      {day('to')}
      <Select
        label={f.service}
        placeholder={f.anyService}
        clearable
        data={TRAILS.map((value) => ({ value, label: logs[value] }))}
        value={search.service ?? null}
        onChange={(value) => onChange({ service: (value ?? undefined) as AuditSearch['service'] })}
      />
      {changed.length > 0 && (
        <Button
          variant="subtle"
          onClick={() =>
            onChange({
              service: undefined,
              who: undefined,
              lead: undefined,
              act: undefined,
              from: undefined,
              to: undefined,
            })
          }
        >
          {t.clear}
        </Button>
      )}
    </div>
  );
}

/** Taken when it is whole: an id is pasted, not typed. */
function IdInput({
  label,
  wrong,
  value = '',
  onId,
}: {
  readonly label: string;
  readonly wrong: string;
  readonly value: string | undefined;
  readonly onId: (id: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(false);
  const said = text.trim().toLowerCase();
  const good = said === '' || isId(said);
  const take = () => {
    setAsked(true);
    if (good && said !== value) onId(said || undefined);
  };
  return (
    <TextInput
      className={css.id}
      label={label}
      value={text}
      onChange={(e) => {
        const next = e.currentTarget.value;
        setText(next);
        setAsked(false);
        if (isId(next.trim().toLowerCase())) onId(next.trim().toLowerCase());
      }}
      onBlur={take}
      onKeyDown={(e) => e.key === 'Enter' && take()}
      error={asked && !good ? wrong : undefined}
      maxLength={64}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function DayInput({
  label,
  value = '',
  onDay,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onDay: (day: string | undefined) => void;
}) {
  return (
    <TextInput
      type="date"
      label={label}
      defaultValue={value}
      onChange={(e) => {
        const day = e.currentTarget.value;
        if (isDay(day) && day !== value) onDay(day);
      }}
      onBlur={(e) => e.currentTarget.value === '' && value !== '' && onDay(undefined)}
    />
  );
}
