import { Checkbox } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { tell } from '../ui/toasts.js';
import type { Engagement } from './engagements-api.js';
import { ProblemLine } from './problem-line.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: 'booker' | 'supervisor' | 'dpo' | 'admin' | 'client';
  readonly state: 'active' | 'disabled';
}

/** Admins and the DPO enter every engagement; the others only those they are members of. */
export function MembersForm({
  engagement: e,
  people,
  may,
}: {
  readonly engagement: Engagement;
  readonly people: readonly Person[];
  readonly may: boolean;
}) {
  const words = useWords(engagements);
  const t = words.rules;
  const queries = useQueryClient();
  const [ids, setIds] = useState<string[]>([...e.memberIds]);
  const save = useMutation({
    mutationFn: () =>
      answer(api.PUT('/api/v1/engagements/{id}/members', { params: { path: { id: e.id } }, body: { userIds: ids } })),
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['engagement', e.id] }),
        queries.invalidateQueries({ queryKey: ['engagements'] }),
      ]);
      tell(words.saved);
    },
  });
  const { roles } = useWords(shell);
  const known = people.filter((p) => e.memberIds.includes(p.id) || (may && p.state === 'active'));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (may && !save.isPending) save.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <p className={css.meta}>{t.membersHint}</p>
      {known.length === 0 && <p>{t.noMembers}</p>}
      <Checkbox.Group value={ids} onChange={setIds} aria-label={t.members} className={css.wide}>
        <div className={css.people}>
          {known.map((p) => (
            <Checkbox key={p.id} value={p.id} label={`${p.name}, ${roles[p.role]}`} disabled={!may} />
          ))}
        </div>
      </Checkbox.Group>
      <ProblemLine error={save.error} />
      {may && <SaveButton busy={save.isPending}>{words.save}</SaveButton>}
    </form>
  );
}
