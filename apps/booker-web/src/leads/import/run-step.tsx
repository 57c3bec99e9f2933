import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { answer, api } from '../../app/api.js';
import { ariaKeys } from '../../keys/keys.js';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { Section } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { say as sayTime, sayDuration } from '../../words/times.js';
import { keyed } from '../leads-api.js';
import css from './import.module.css';
import { useProgress } from './import-progress.js';
import type { ImportStatus } from './import-screen.js';
import { Rejects } from './rejects.js';

/** Step 5. Progress as the server tells it, with pause; then who was refused, by row, column and reason. */
export function RunStep({ id, first }: { readonly id: string; readonly first: ImportStatus }) {
  const t = useWords(importing);
  const language = useLanguage();
  const go = useNavigate();
  const say = (n: number) => number(language, n);
  const { status, lost, secondsLeft, hear } = useProgress(id, first);
  const { state, offered, accepted, merged, refused } = status;
  const read = accepted + merged + refused;
  const over = state === 'done' || state === 'failed';
  const turn = useMutation({
    mutationFn: (to: 'pause' | 'resume') =>
      answer(api.POST(`/api/v1/imports/{id}/${to}`, { params: { path: { id }, header: keyed() } })),
    onSuccess: hear,
  });
  const flip = () => {
    if (!turn.isPending) turn.mutate(state === 'paused' ? 'resume' : 'pause');
  };
  useKeys(t.title, [
    {
      key: 'p',
      does: state === 'paused' ? t.resume : t.pause,
      run: flip,
      when: state === 'running' || state === 'paused',
    },
  ]);
  const title = t.runTitle[state as keyof typeof t.runTitle] ?? t.runTitle.running;
  const part = offered ? Math.round((read / offered) * 100) : 100;
  return (
    <>
      <Section title={title} {...(over ? {} : { aside: t.leave })}>
        <div className={css.stack}>
          {lost && (
            <p className={css.lost} role="status">
              {t.lost(sayTime(lost.toZonedDateTimeISO('Europe/Stockholm'), 'seconds', language, lost))}
            </p>
          )}
          <div
            className={css.track}
            role="progressbar"
            aria-label={title}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={part}
            aria-valuetext={t.progress(say(read), say(offered))}
            data-paused={state === 'paused' || undefined}
          >
            <span style={{ inlineSize: `${part}%` }} />
          </div>
          <div className={css.line}>
            <span>{t.progress(say(read), say(offered))}</span>
            {state === 'running' && (
              <span>
                {t.eta} {secondsLeft === undefined ? t.etaUnknown : sayDuration(secondsLeft, language)}
              </span>
            )}
          </div>
          <dl className={css.figures}>
            <div>
              <dt>{t.in}</dt>
              <dd>{say(accepted)}</dd>
            </div>
            <div>
              <dt>{t.merged}</dt>
              <dd>{say(merged)}</dd>
            </div>
            <div>
              <dt>{t.refused}</dt>
              <dd>{say(refused)}</dd>
            </div>
          </dl>
          {status.failure && (
            <p className={css.error} role="alert">
              {(t.failures as Readonly<Record<string, string>>)[status.failure] ?? t.failures.other}
            </p>
          )}
          <p className="visually-hidden" role="status">
            {over || state === 'paused' ? title : ''}
          </p>
          {turn.isError && <Failed what={t.pauseFailed} error={turn.error} retry={flip} />}
          <div className={css.acts}>
            {(state === 'running' || state === 'paused') && (
              <Button
                onClick={flip}
                disabled={turn.isPending}
                aria-keyshortcuts={ariaKeys('p')}
                rightSection={<KeyHint k="p" />}
                leftSection={
                  state === 'paused' ? (
                    <IconPlayerPlay size={16} aria-hidden />
                  ) : (
                    <IconPlayerPause size={16} aria-hidden />
                  )
                }
                {...(state === 'paused' ? { variant: 'filled' } : {})}
              >
                {state === 'paused' ? t.resume : t.pause}
              </Button>
            )}
            {over && (
              <>
                <Button
                  variant="filled"
                  onClick={() => void go({ to: '/leads', search: { engagement: status.engagementId } })}
                >
                  {t.toLeads}
                </Button>
                <Button component={Link} to="/leads/import">
                  {t.again}
                </Button>
                <span className={css.faint}>{t.rerun}</span>
              </>
            )}
          </div>
        </div>
      </Section>
      {over && <Rejects id={id} count={refused} />}
    </>
  );
}
