import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useLanguage, useWords } from '../words/language.js';
import { inZone } from '../words/times.js';
import { ui } from '../words/ui.js';
import { hostsQuery } from './engagements-api.js';
import { useActKey } from '../app/act-key.js';
import { ProblemLine } from './problem-line.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

interface Of {
  readonly engagementId: string;
  readonly zone: string;
  readonly may: boolean;
}

/** Who can be met: by name, never by address. */
export function Hosts({ engagementId, zone, may }: Of) {
  const words = useWords(engagements);
  const t = words.rules;
  const language = useLanguage();
  const [adding, setAdding] = useState(false);
  const hosts = useQuery(hostsQuery(engagementId));
  return (
    <Section title={t.hosts} flush>
      {hosts.isPending && <Loading rows={3} />}
      {hosts.isError && !hosts.data && (
        <Failed what={words.away} error={hosts.error} retry={() => void hosts.refetch()} />
      )}
      {hosts.data?.items.length === 0 && <Empty>{t.noHosts}</Empty>}
      <ul className={css.list}>
        {hosts.data?.items.map((h) => (
          <li key={h.id}>
            <span className={css.two}>
              <b>{h.name}</b>
              <span>{inZone(h.timeZone, language)}</span>
            </span>
            <span>{t.calendar[h.calendar ?? 'none']}</span>
          </li>
        ))}
        {may && (
          <li>
            {adding ? (
              <NewHost engagementId={engagementId} zone={zone} onDone={() => setAdding(false)} />
            ) : (
              <Button onClick={() => setAdding(true)}>{t.newHost}…</Button>
            )}
          </li>
        )}
      </ul>
    </Section>
  );
}

function NewHost({
  engagementId,
  zone,
  onDone,
}: {
  readonly engagementId: string;
  readonly zone: string;
  readonly onDone: () => void;
}) {
  const words = useWords(engagements);
  const t = words.rules;
  const common = useWords(ui);
  const queries = useQueryClient();
  const key = useActKey();
  const [h, setH] = useState({ name: '', email: '', timeZone: zone, from: '09:00', until: '17:00' });
  const [days, setDays] = useState(['1', '2', '3', '4', '5']);
  const add = useMutation({
    mutationFn: () => {
      const { from, until, ...rest } = h;
      const weeklyHours = [...days].sort().map((day) => ({ day: Number(day), from, to: until }));
      return answer(
        api.POST('/api/v1/hosts', {
          params: { header: key.header() },
          body: { ...rest, engagementIds: [engagementId], weeklyHours },
        }),
      );
    },
    onError: key.answered,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['hosts', engagementId] });
      tell(words.added);
      onDone();
    },
  });
  const text = (label: string, field: keyof typeof h, more: object = {}) => (
    <TextInput
      label={label}
      required
      {...more}
      value={h[field]}
      onChange={(event) => setH({ ...h, [field]: event.currentTarget.value })}
    />
  );
  const clock = { pattern: '([01][0-9]|2[0-3]):[0-5][0-9]|24:00', inputMode: 'numeric' };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit} aria-label={t.newHost}>
      <div className={css.fields}>
        {text(t.name, 'name', { maxLength: 200 })}
        {text(t.email, 'email', { type: 'email', maxLength: 254 })}
        {text(t.zone, 'timeZone')}
      </div>
      <Checkbox.Group label={t.workdays} value={days} onChange={setDays}>
        <div className={css.row}>
          {t.weekdays.split(' ').map((day, i) => (
            <Checkbox key={day} value={String(i + 1)} label={day} />
          ))}
        </div>
      </Checkbox.Group>
      <div className={css.fields}>
        {text(t.from, 'from', clock)}
        {text(t.until, 'until', clock)}
      </div>
      <ProblemLine error={add.error} />
      <div className={css.row}>
        <SaveButton busy={add.isPending} disabled={days.length === 0}>
          {words.add}
        </SaveButton>
        <Button onClick={onDone}>{common.cancel}</Button>
      </div>
    </form>
  );
}
