import { SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { CRM_NAMES } from '../words/crm-names.js';
import { withFreshProof } from '../app/fresh-proof.js';
import { useMe } from '../app/session.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { LawLine, Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { type Crm, crmsQuery, type Engagement } from './engagements-api.js';
import { ProblemLine } from './problem-line.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

const FIELDS = ['name', 'company', 'title', 'email', 'phone', 'social'] as const;
type Mapping = Readonly<Record<(typeof FIELDS)[number], string | null>>;

/** Which of the categories of B1 leave us, and into which property of the client's CRM (D2). */
export function MappingTab({ engagement: e }: { readonly engagement: Engagement }) {
  const words = useWords(engagements);
  const t = words.mapping;
  const { role } = useMe();
  const may = (role === 'admin' || role === 'supervisor') && !e.endedAt;
  const { data, error, refetch } = useQuery(crmsQuery(e.id));
  if (error && !data) return <Failed what={words.away} error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={t.title} rows={6} />;
  if (data.items.length === 0) return <Empty>{t.none}</Empty>;
  return (
    <div className={css.stack}>
      {data.items.map((c) => (
        <MappingForm key={c.id + JSON.stringify(c.mapping)} crm={c} may={may} />
      ))}
    </div>
  );
}

function MappingForm({ crm, may }: { readonly crm: Crm; readonly may: boolean }) {
  const words = useWords(engagements);
  const t = words.mapping;
  const queries = useQueryClient();
  const was: Mapping = crm.mapping;
  const [now, setNow] = useState(was);
  const [asking, setAsking] = useState(false);
  const said = (value: string | null) => value?.trim() || null;
  const changed = FIELDS.filter((f) => now[f] !== was[f] && !(now[f] !== null && said(now[f]) === was[f]));
  const sent = FIELDS.filter((f) => now[f] !== null).length;
  const incomplete = FIELDS.some((f) => now[f] !== null && said(now[f]) === null);
  const save = useMutation({
    mutationFn: () =>
      withFreshProof(() =>
        answer(
          api.PUT('/api/v1/crm-connections/{id}/mapping', {
            params: { path: { id: crm.id } },
            body: { fields: Object.fromEntries(FIELDS.map((f) => [f, said(now[f])])) },
          }),
        ),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['crm-connections'] });
      tell(words.saved);
    },
    onSettled: () => setAsking(false),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed.length && !incomplete) setAsking(true);
  };
  return (
    <Section title={`${t.title}, ${CRM_NAMES[crm.kind]}`} aside={t.counts(sent, FIELDS.length - sent)}>
      <form className={css.form} onSubmit={submit}>
        <LawLine>{t.hint}</LawLine>
        <div className={css.map}>
          {FIELDS.map((f) => (
            <div key={f}>
              <b>{t.fields[f]}</b>
              <SegmentedControl
                aria-label={t.choice(t.fields[f])}
                size="xs"
                readOnly={!may}
                value={now[f] === null ? 'kept' : 'sent'}
                onChange={(value) => setNow({ ...now, [f]: value === 'sent' ? (was[f] ?? '') : null })}
                data={[
                  { value: 'sent', label: t.sent },
                  { value: 'kept', label: t.kept },
                ]}
              />
              {now[f] === null ? (
                <span className={css.meta}>–</span>
              ) : (
                <TextInput
                  aria-label={t.property(t.fields[f])}
                  readOnly={!may}
                  required
                  maxLength={f === 'name' ? 210 : 100}
                  value={now[f]}
                  error={said(now[f]) === null ? t.missing : undefined}
                  onChange={(event) => setNow({ ...now, [f]: event.currentTarget.value })}
                />
              )}
            </div>
          ))}
        </div>
        <p className={css.meta}>{t.nameHint}</p>
        <ProblemLine error={save.error} />
        {may && (
          <div className={css.row}>
            <SaveButton busy={save.isPending} disabled={!changed.length || incomplete} filled>
              {words.save}
            </SaveButton>
            {!changed.length && <span className={css.meta}>{t.unchanged}</span>}
          </div>
        )}
      </form>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t.confirmTitle}
        confirm={t.confirm}
        busy={save.isPending}
        onConfirm={() => save.mutate()}
      >
        <ul>
          {changed.map((f) => (
            <li key={f}>{t.change(t.fields[f], was[f] ?? t.from, said(now[f]) ?? t.from)}</li>
          ))}
        </ul>
      </ConfirmDialog>
    </Section>
  );
}
