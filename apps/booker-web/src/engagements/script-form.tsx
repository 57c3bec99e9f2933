import { ActionIcon, Button, Textarea, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { ProblemLine } from './problem-line.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

interface Branch {
  readonly label: string;
  readonly text: string;
  readonly law: string | null;
}
interface Step {
  readonly title: string;
  readonly text: string;
  readonly branches: readonly Branch[];
}

const [MOST_STEPS, MOST_BRANCHES] = [12, 8];
const swapped = <T,>(all: readonly T[], at: number, with_: T): T[] => all.map((one, i) => (i === at ? with_ : one));
const without = <T,>(all: readonly T[], at: number): T[] => all.filter((_, i) => i !== at);

/** What is said, in steps with answers to what people say; saved whole as the next version. */
export function ScriptForm({
  id,
  script,
  may,
}: {
  readonly id: string;
  readonly script: { readonly version: number; readonly steps: readonly Step[] };
  readonly may: boolean;
}) {
  const words = useWords(engagements);
  const t = words.rules;
  const queries = useQueryClient();
  const [steps, setSteps] = useState<readonly Step[]>(script.steps);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.PUT('/api/v1/engagements/{id}/script', {
          params: { path: { id } },
          body: {
            version: script.version,
            steps: steps.map((s) => ({
              ...s,
              branches: s.branches.map((b) => ({ ...b, law: b.law?.trim() ? b.law : null })),
            })),
          },
        }),
      ),
    onSuccess: (saved) => {
      queries.setQueryData(['call-script', id], saved);
      tell(words.saved);
    },
  });
  if (!may)
    return (
      <div className={css.form}>
        <p className={css.meta}>{t.read}</p>
        {steps.map((s, i) => (
          <div key={i} className={css.step}>
            <b>{s.title}</b>
            <p>{s.text}</p>
            {s.branches.map((b) => (
              <p key={b.label} className={css.meta}>
                <b>{b.label}</b>: {b.text} {b.law && `§ ${b.law}`}
              </p>
            ))}
          </div>
        ))}
      </div>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <p className={css.meta}>{t.scriptHint}</p>
      {steps.map((step, i) => (
        <StepFields
          key={i}
          n={i + 1}
          step={step}
          onChange={(next) => setSteps(swapped(steps, i, next))}
          {...(steps.length > 1 ? { onRemove: () => setSteps(without(steps, i)) } : {})}
        />
      ))}
      <ProblemLine error={save.error} />
      <div className={css.row}>
        <SaveButton busy={save.isPending}>{words.save}</SaveButton>
        <Button
          disabled={steps.length >= MOST_STEPS}
          onClick={() => setSteps([...steps, { title: '', text: '', branches: [] }])}
        >
          {t.addStep}
        </Button>
      </div>
    </form>
  );
}

function StepFields({
  n,
  step,
  onChange,
  onRemove,
}: {
  readonly n: number;
  readonly step: Step;
  readonly onChange: (step: Step) => void;
  readonly onRemove?: () => void;
}) {
  const t = useWords(engagements).rules;
  const branch = (at: number, change: Partial<Branch>) =>
    onChange({ ...step, branches: swapped(step.branches, at, { ...step.branches[at]!, ...change }) });
  return (
    <fieldset className={css.step}>
      <legend className={css.row}>
        {t.step(n)}
        {onRemove && (
          <ActionIcon aria-label={t.remove(t.step(n))} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </legend>
      <TextInput
        label={t.stepTitle}
        required
        maxLength={40}
        value={step.title}
        onChange={(event) => onChange({ ...step, title: event.currentTarget.value })}
      />
      <Textarea
        label={t.stepText}
        required
        autosize
        minRows={2}
        maxLength={2000}
        value={step.text}
        onChange={(event) => onChange({ ...step, text: event.currentTarget.value })}
      />
      {step.branches.map((b, i) => (
        <div key={i} className={css.branch}>
          <TextInput
            label={t.branch}
            required
            maxLength={60}
            value={b.label}
            onChange={(event) => branch(i, { label: event.currentTarget.value })}
          />
          <Textarea
            label={t.branchText}
            required
            autosize
            maxLength={1000}
            value={b.text}
            onChange={(event) => branch(i, { text: event.currentTarget.value })}
          />
          <TextInput
            label={t.law}
            maxLength={300}
            value={b.law ?? ''}
            onChange={(event) => branch(i, { law: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={t.remove(b.label || t.branchText)}
            onClick={() => onChange({ ...step, branches: without(step.branches, i) })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          size="xs"
          disabled={step.branches.length >= MOST_BRANCHES}
          onClick={() => onChange({ ...step, branches: [...step.branches, { label: '', text: '', law: null }] })}
        >
          {t.addBranch}
        </Button>
      </div>
    </fieldset>
  );
}
