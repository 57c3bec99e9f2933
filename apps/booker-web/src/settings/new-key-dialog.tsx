import { Button, Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useActKeys } from '../app/act-key.js';
import { answer, api, ApiProblem } from '../app/api.js';
import { NotProved, withFreshProof } from '../app/fresh-proof.js';
import { useKeys } from '../keys/use-keys.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { LawLine } from '../ui/section.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { ui } from '../words/ui.js';
import css from './settings.module.css';
import { useWhy } from './use-setting-act.js';

const VERBS = ['leads:write', 'imports:write'] as const;
const GROUNDS = ['legitimate-interest', 'consent', 'contract'] as const;
const MOST_DAYS = 365;
const TEXTS = ['name', 'supplier', 'source'] as const;

interface Props {
  readonly engagement: string;
  readonly onMade: (secret: string) => void;
  readonly onClose: () => void;
}

/** Makes a key for a supplier; whoever does it has just proved who they are. */
export function NewKeyDialog(props: Props) {
  const t = useWords(settings).api;
  return (
    <Dialog opened onClose={props.onClose} title={t.newTitle} size={520}>
      <NewKey {...props} />
    </Dialog>
  );
}

function NewKey({ engagement, onMade, onClose }: Props) {
  const t = useWords(settings).api;
  const common = useWords(ui);
  const why = useWhy();
  const queries = useQueryClient();
  const keys = useActKeys();
  const [text, setText] = useState({ name: '', supplier: '', source: '' });
  const [ground, setGround] = useState<(typeof GROUNDS)[number]>('legitimate-interest');
  const [verbs, setVerbs] = useState<readonly (typeof VERBS)[number][]>(['leads:write']);
  const [days, setDays] = useState<number>(MOST_DAYS);
  const [lacks, setLacks] = useState(false);
  const body = { ...text, ground, verbs: VERBS.filter((v) => verbs.includes(v)), expiresInDays: days };
  const act = JSON.stringify(body);
  const make = useMutation({
    mutationFn: () =>
      withFreshProof(() =>
        answer(
          api.POST('/api/v1/engagements/{id}/api-keys', {
            params: { path: { id: engagement }, header: keys.header(act) },
            body,
          }),
        ),
      ),
    onSuccess: ({ key }) => {
      if (key === null) tell(t.madeBefore, { tone: 'warn' });
      else onMade(key);
      onClose();
    },
    onSettled: (_, error) => {
      keys.answered(act, error ?? undefined);
      return queries.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  const { error } = make;
  const refused = (field: string): string | undefined => {
    const found = error instanceof ApiProblem ? error.errors.find((e) => e.field === field) : undefined;
    return found && (found.rule === 'matches' ? t.rule : found.message);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLacks(!verbs.length);
    if (verbs.length && !make.isPending) make.mutate();
  };
  const placed = error instanceof ApiProblem && TEXTS.some((field) => refused(field));
  useKeys(t.newTitle, [
    {
      key: 'Ctrl+Enter',
      does: t.makeDo,
      inFields: true,
      run: () => document.querySelector<HTMLFormElement>('#new-api-key')?.requestSubmit(),
    },
  ]);
  return (
    <form id="new-api-key" className={css.form} onSubmit={submit}>
      {TEXTS.map((field) => (
        <TextInput
          key={field}
          label={t[field]}
          {...(field === 'source' ? { description: t.sourceHelp } : {})}
          {...(field === 'name' ? { 'data-autofocus': true } : {})}
          required
          maxLength={200}
          autoComplete="off"
          value={text[field]}
          error={refused(field)}
          onChange={(e) => setText({ ...text, [field]: e.currentTarget.value })}
        />
      ))}
      <LawLine>{t.law}</LawLine>
      <div className={css.row}>
        <Select
          label={t.ground}
          className={css.field!}
          allowDeselect={false}
          data={GROUNDS.map((value) => ({ value, label: t.grounds[value] }))}
          value={ground}
          onChange={(value) => setGround(GROUNDS.find((g) => g === value) ?? ground)}
        />
        <NumberInput
          label={t.days}
          description={t.daysHelp}
          className={css.number!}
          min={1}
          max={MOST_DAYS}
          allowDecimal={false}
          required
          value={days}
          onChange={(value) => setDays(Number(value) || 1)}
        />
      </div>
      <Checkbox.Group
        label={t.may}
        value={[...verbs]}
        error={lacks ? t.verbMissing : undefined}
        onChange={(value) => setVerbs(VERBS.filter((v) => value.includes(v)))}
      >
        <div className={css.ticks}>
          {VERBS.map((verb) => (
            <Checkbox key={verb} value={verb} label={t.verbs[verb]} />
          ))}
        </div>
      </Checkbox.Group>
      {error && !placed && !(error instanceof NotProved) && (
        <p role="alert" className={css.refused}>
          {why(error)}
        </p>
      )}
      <div className={css.answers}>
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" variant="filled" disabled={make.isPending}>
          {make.isPending ? common.saving : t.makeDo}
        </Button>
      </div>
    </form>
  );
}
