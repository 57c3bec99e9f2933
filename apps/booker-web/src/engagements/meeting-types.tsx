import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { list as andList } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import { hostsQuery, meetingTypesQuery } from './engagements-api.js';
import { useActKey } from '../app/act-key.js';
import { ProblemLine } from './problem-line.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

interface Of {
  readonly engagementId: string;
  readonly may: boolean;
}

export function MeetingTypes({ engagementId, may }: Of) {
  const words = useWords(engagements);
  const t = words.rules;
  const language = useLanguage();
  const [adding, setAdding] = useState(false);
  const types = useQuery(meetingTypesQuery(engagementId));
  const hosts = useQuery(hostsQuery(engagementId));
  const nameOf = (id: string) => hosts.data?.items.find((h) => h.id === id)?.name ?? '…';
  return (
    <Section title={t.types} flush>
      {types.isPending && <Loading rows={3} />}
      {types.isError && !types.data && (
        <Failed what={words.away} error={types.error} retry={() => void types.refetch()} />
      )}
      {types.data?.items.length === 0 && <Empty>{t.noTypes}</Empty>}
      <ul className={css.list}>
        {types.data?.items.map((m) => (
          <li key={m.id}>
            <span className={css.two}>
              <b>{m.name}</b>
              <span>{t.typeLine(andList(language, m.hostIds.map(nameOf)), m.noticeMinutes, m.horizonDays)}</span>
            </span>
            <span>{t.minutes(m.lengthMinutes)}</span>
          </li>
        ))}
        {may && (
          <li>
            {adding ? (
              <NewType engagementId={engagementId} hosts={hosts.data?.items ?? []} onDone={() => setAdding(false)} />
            ) : (
              <Button disabled={!hosts.data?.items.length} onClick={() => setAdding(true)}>
                {t.newType}…
              </Button>
            )}
          </li>
        )}
      </ul>
    </Section>
  );
}

const NEW = {
  name: '',
  lengthMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  noticeMinutes: 120,
  horizonDays: 60,
  location: '',
};

function NewType({
  engagementId,
  hosts,
  onDone,
}: {
  readonly engagementId: string;
  readonly hosts: readonly { readonly id: string; readonly name: string }[];
  readonly onDone: () => void;
}) {
  const words = useWords(engagements);
  const t = words.rules;
  const common = useWords(ui);
  const queries = useQueryClient();
  const key = useActKey();
  const [m, setM] = useState(NEW);
  const [hostIds, setHostIds] = useState<string[]>(hosts.map((h) => h.id));
  const add = useMutation({
    mutationFn: () => {
      const { location, ...rest } = m;
      return answer(
        api.POST('/api/v1/meeting-types', {
          params: { header: key.header() },
          body: { ...rest, engagementId, hostIds, stepMinutes: 30, ...(location.trim() ? { location } : {}) },
        }),
      );
    },
    onError: key.answered,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['meeting-types', engagementId] });
      tell(words.added);
      onDone();
    },
  });
  const count = (label: string, field: Exclude<keyof typeof NEW, 'name' | 'location'>, min: number, max: number) => (
    <NumberInput
      label={label}
      min={min}
      max={max}
      required
      hideControls
      allowDecimal={false}
      value={m[field]}
      onChange={(value) => setM({ ...m, [field]: Number(value) })}
    />
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit} aria-label={t.newType}>
      <div className={css.fields}>
        <TextInput
          label={t.name}
          required
          maxLength={120}
          value={m.name}
          onChange={(event) => setM({ ...m, name: event.currentTarget.value })}
        />
        {count(t.length, 'lengthMinutes', 5, 480)}
        {count(t.bufferBefore, 'bufferBeforeMinutes', 0, 240)}
        {count(t.bufferAfter, 'bufferAfterMinutes', 0, 240)}
        {count(t.notice, 'noticeMinutes', 0, 43_200)}
        {count(t.horizon, 'horizonDays', 1, 730)}
        <TextInput
          label={t.place}
          maxLength={200}
          value={m.location}
          onChange={(event) => setM({ ...m, location: event.currentTarget.value })}
        />
      </div>
      <Checkbox.Group label={t.who} value={hostIds} onChange={setHostIds}>
        <div className={css.row}>
          {hosts.map((h) => (
            <Checkbox key={h.id} value={h.id} label={h.name} />
          ))}
        </div>
      </Checkbox.Group>
      <ProblemLine error={add.error} />
      <div className={css.row}>
        <SaveButton busy={add.isPending} disabled={hostIds.length === 0}>
          {words.add}
        </SaveButton>
        <Button onClick={onDone}>{common.cancel}</Button>
      </div>
    </form>
  );
}
