import { Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { sandbox } from '../words/sandbox.js';
import css from './sandbox.module.css';
import { misbehave, switchesQuery, type Switches } from './sandbox-api.js';

/** First what is wanted most. */
const ORDER = ['lies', 'slow', '503'];

/** Ways in which a vendor can be told to misbehave, until it is told otherwise. */
export function FaultSwitches({ standIn }: { readonly standIn: Switches['standIn'] }) {
  const t = useWords(sandbox).vendors;
  const queries = useQueryClient();
  const all = useQuery(switchesQuery);
  const turn = useMutation({
    mutationFn: ({ kind, on }: { kind: string; on: boolean }) => misbehave(standIn, kind, on),
    onError: () => tell(t.failed, { tone: 'err' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sandbox'] }),
  });
  const mine = all.data?.items.find((s) => s.standIn === standIn);
  const rank = (kind: string) => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  return (
    <Section title={t.switches} aside={standIn === 'google' ? t.calendarsOf : undefined}>
      {all.isPending && <Loading what={t.switches} rows={4} />}
      {all.isError && !all.data && <Failed what={t.away} error={all.error} retry={() => void all.refetch()} />}
      {mine && (
        <div className={css.switches}>
          <p className={css.meta}>{t.until}</p>
          {[...mine.kinds]
            .sort((a, b) => rank(a) - rank(b))
            .map((kind) => (
              <Switch
                key={kind}
                label={(t.kinds as Readonly<Record<string, string>>)[kind] ?? kind}
                checked={mine.on.some((s) => s.kind === kind)}
                disabled={turn.isPending}
                onChange={(e) => turn.mutate({ kind, on: e.currentTarget.checked })}
              />
            ))}
        </div>
      )}
    </Section>
  );
}
