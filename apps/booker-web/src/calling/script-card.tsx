import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useNow } from '../app/clock.js';
import { useMe } from '../app/session.js';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { LawLine } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { TimeText } from '../ui/time-text.js';
import css from './script-card.module.css';
import type { Desk } from './desk.js';
import { fillIn, spokenSlot } from './script-text.js';
import { useScript } from './use-desk.js';
import { firstNameOf, type View } from './view.js';

/** What is said, step by step, with the values of this call; below it the note and earlier calls. */
export function ScriptCard({
  view,
  desk,
  client,
  hostName,
  children,
}: {
  readonly view: View;
  readonly desk: Desk;
  readonly client: string;
  readonly hostName: string | undefined;
  readonly children: ReactNode;
}) {
  const t = useWords(calling);
  const script = useScript(desk.engagementId);
  const me = useMe();
  const now = useNow();
  const { lead, chosen } = view;
  const steps = script.data?.steps ?? [];
  const step = steps[Math.min(view.step, steps.length - 1)];
  const branch = view.branch === undefined ? undefined : step?.branches[view.branch];
  const values = {
    host: hostName ?? t.script.noHost,
    slot: chosen ? spokenSlot(chosen.startsAt, lead.timeZone, now) : t.script.noSlot,
    company: lead.company ?? 'er',
    firstName: firstNameOf(lead.name),
    client,
    booker: firstNameOf(me.name),
  };
  const say = (text: string) =>
    fillIn(text, values).map((piece, i) =>
      piece.live ? <b key={i}>{piece.text}</b> : <span key={i}>{piece.text}</span>,
    );
  const go = (to: number) => desk.change({ step: Math.min(Math.max(to, 0), steps.length - 1), branch: undefined });
  return (
    <section className={css.card} aria-label={t.script.title}>
      {script.isPending && <Loading what={t.script.loading} rows={4} />}
      {script.isError && <Failed what={t.script.away} error={script.error} retry={() => void script.refetch()} />}
      {step && (
        <>
          <header className={css.steps}>
            <ol>
              {steps.map((s, i) => (
                <li key={i}>
                  <button type="button" aria-current={i === view.step ? 'step' : undefined} onClick={() => go(i)}>
                    {i < view.step && <IconCheck size={15} stroke={2} aria-hidden />}
                    {s.title}
                  </button>
                </li>
              ))}
            </ol>
            <p>
              {t.script.version(script.data!.version)}
              <button
                type="button"
                aria-label={t.script.previous}
                aria-keyshortcuts={ariaKeys('ArrowLeft')}
                disabled={view.step === 0}
                onClick={() => go(view.step - 1)}
              >
                <KeyHint k="ArrowLeft" />
              </button>
              <button
                type="button"
                aria-label={t.script.next}
                aria-keyshortcuts={ariaKeys('ArrowRight')}
                disabled={view.step >= steps.length - 1}
                onClick={() => go(view.step + 1)}
              >
                <KeyHint k="ArrowRight" />
              </button>
            </p>
          </header>
          <div className={css.body} lang="sv">
            <p className={css.text}>”{say(step.text)}”</p>
            {step.branches.length > 0 && (
              <div className={css.branches} role="group" aria-label={t.script.answers}>
                {step.branches.map((b, i) => (
                  <button
                    key={i}
                    type="button"
                    aria-pressed={view.branch === i}
                    onClick={() => desk.change({ branch: view.branch === i ? undefined : i })}
                  >
                    {b.label}
                  </button>
                ))}
              </div>
            )}
            {branch && (
              <div className={css.branch}>
                {branch.law !== null && <LawLine>{branch.law}</LawLine>}
                <p className={css.text}>”{say(branch.text)}”</p>
              </div>
            )}
          </div>
        </>
      )}
      {children}
      <Earlier view={view} />
    </section>
  );
}

function Earlier({ view }: { readonly view: View }) {
  const t = useWords(calling);
  const { earlier, attempts } = view.lead;
  if (!earlier.length) return null;
  return (
    <ol className={css.earlier} tabIndex={0}>
      {earlier.map((e, i) => (
        <li key={e.at}>
          <span>{t.lead.earlier(Math.max(attempts - i, 1))}</span>
          <TimeText at={e.at} />
          <b>{t.outcomes[e.outcome as 'booked']}</b>
          <span>{e.mine ? t.lead.you : t.lead.colleague}</span>
          {e.note !== null && <q dir="auto">{e.note}</q>}
        </li>
      ))}
    </ol>
  );
}
