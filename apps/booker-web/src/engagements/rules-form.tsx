import { Checkbox, NumberInput, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { ProblemLine } from './problem-line.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

interface Rules {
  readonly maxAttempts: number;
  readonly waitNoAnswerMinutes: number;
  readonly waitBusyMinutes: number;
  readonly callbackGraceMinutes: number;
  readonly hours: { readonly from: string; readonly until: string };
  readonly weekdays: readonly number[];
  readonly onHolidays: boolean;
  readonly onEves: boolean;
  readonly version: number;
}

/** Saved whole, against the version that was read; another one in between is refused. */
export function RulesForm({ id, rules, may }: { readonly id: string; readonly rules: Rules; readonly may: boolean }) {
  const words = useWords(engagements);
  const t = words.rules;
  const queries = useQueryClient();
  const [r, setR] = useState(rules);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.PUT('/api/v1/engagements/{id}/calling-rules', {
          params: { path: { id } },
          body: { ...r, hours: { ...r.hours }, weekdays: [...r.weekdays] },
        }),
      ),
    onSuccess: (saved) => {
      queries.setQueryData(['calling-rules', id], saved);
      tell(words.saved);
    },
  });
  const count = (
    label: string,
    field: keyof Rules & `${string}${'Minutes' | 'Attempts'}`,
    min: number,
    max: number,
  ) => (
    <NumberInput
      label={label}
      min={min}
      max={max}
      required
      readOnly={!may}
      allowDecimal={false}
      hideControls
      value={r[field]}
      onChange={(value) => setR({ ...r, [field]: Number(value) })}
    />
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (may && !save.isPending) save.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      {!may && <p className={css.meta}>{t.read}</p>}
      <div className={css.fields}>
        {count(t.attempts, 'maxAttempts', 1, 20)}
        {count(t.waitNoAnswer, 'waitNoAnswerMinutes', 1, 43_200)}
        {count(t.waitBusy, 'waitBusyMinutes', 1, 43_200)}
        {count(t.grace, 'callbackGraceMinutes', 0, 1440)}
        {(['from', 'until'] as const).map((end) => (
          <TextInput
            key={end}
            label={t[end]}
            required
            readOnly={!may}
            inputMode="numeric"
            pattern="([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
            value={r.hours[end]}
            onChange={(event) => setR({ ...r, hours: { ...r.hours, [end]: event.currentTarget.value } })}
          />
        ))}
      </div>
      <p className={css.meta}>{t.hours}</p>
      <Checkbox.Group
        label={t.days}
        readOnly={!may}
        value={r.weekdays.map(String)}
        onChange={(days) => setR({ ...r, weekdays: days.map(Number).sort() })}
      >
        <div className={css.row}>
          {t.weekdays.split(' ').map((day, i) => (
            <Checkbox key={day} value={String(i + 1)} label={day} disabled={!may} />
          ))}
        </div>
      </Checkbox.Group>
      <Switch
        label={t.holidays}
        disabled={!may}
        checked={r.onHolidays}
        onChange={(event) => setR({ ...r, onHolidays: event.currentTarget.checked })}
      />
      <Switch
        label={t.eves}
        disabled={!may}
        checked={r.onEves}
        onChange={(event) => setR({ ...r, onEves: event.currentTarget.checked })}
      />
      <ProblemLine error={save.error} />
      {may && (
        <SaveButton busy={save.isPending} filled>
          {words.save}
        </SaveButton>
      )}
    </form>
  );
}
