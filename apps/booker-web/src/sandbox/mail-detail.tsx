import { Button, CloseButton, Tabs, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { KeyValue } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { sandbox } from '../words/sandbox.js';
import css from './sandbox.module.css';
import { answerMail, oneMailQuery, rawMailQuery, type Mail } from './sandbox-api.js';

/** One mail: its text, its source as it came, and the answers its reader could give. */
export function MailDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const t = useWords(sandbox).mail;
  const [shown, setShown] = useState<string | null>('text');
  const mail = useQuery(oneMailQuery(id));
  const raw = useQuery({ ...rawMailQuery(id), enabled: shown === 'raw' });
  return (
    <aside className={css.aside} aria-label={t.detail}>
      <header className={css.asideHead}>
        <h2>{mail.data ? mail.data.subject || t.noSubject : t.detail}</h2>
        <CloseButton aria-label={t.close} onClick={onClose} />
      </header>
      {mail.isPending && <Loading what={t.detail} rows={6} />}
      {mail.isError && <Failed what={t.away} error={mail.error} retry={() => void mail.refetch()} />}
      {mail.data && (
        <>
          <KeyValue
            inline
            pairs={[
              [t.from, mail.data.from],
              [t.to, mail.data.to.join(', ')],
              [t.sent, mail.data.sentAt ? <TimeText at={mail.data.sentAt} named /> : '–'],
            ]}
          />
          <Tabs value={shown} onChange={setShown} keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="text">{t.text}</Tabs.Tab>
              <Tabs.Tab value="raw">{t.raw}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="text">
              <Letter text={mail.data.text || t.noText} />
            </Tabs.Panel>
            <Tabs.Panel value="raw">
              {raw.isPending && <Loading what={t.raw} rows={6} />}
              {raw.isError && <Failed what={t.away} error={raw.error} retry={() => void raw.refetch()} />}
              {raw.data !== undefined && (
                <pre className={css.raw} tabIndex={0} aria-label={t.raw}>
                  {raw.data}
                </pre>
              )}
            </Tabs.Panel>
          </Tabs>
          <AnswerForm mail={mail.data} />
        </>
      )}
    </aside>
  );
}

/** Plain text with its addresses to follow, in a tab of their own. */
function Letter({ text }: { readonly text: string }) {
  return (
    <div className={css.letter}>
      {text.split(/(https?:\/\/[^\s<>"]+)/).map((part, i) =>
        i % 2 ? (
          <a key={i} href={part} target="_blank" rel="noreferrer">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </div>
  );
}

function AnswerForm({ mail }: { readonly mail: Mail }) {
  const t = useWords(sandbox).mail;
  const title = useId();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const answer = useMutation({
    mutationFn: (calendar?: 'accepted' | 'declined' | 'tentative') =>
      answerMail(mail.id, { ...(text ? { text } : {}), ...(calendar ? { calendar } : {}) }),
    onSuccess: ({ to }) => {
      setText('');
      tell(t.sentTo(to));
      return queries.invalidateQueries({ queryKey: ['sandbox'] });
    },
    onError: () => tell(t.notSent, { tone: 'err' }),
  });
  return (
    <section className={css.answer} aria-labelledby={title}>
      <h3 id={title}>{t.answer(mail.address)}</h3>
      <Textarea
        label={t.answerText}
        autosize={false}
        rows={3}
        maxLength={10_000}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
      />
      <div className={css.acts}>
        {mail.calendar?.method === 'REQUEST' && (
          <>
            <Button disabled={answer.isPending} onClick={() => answer.mutate('accepted')}>
              {t.accept}
            </Button>
            <Button disabled={answer.isPending} onClick={() => answer.mutate('tentative')}>
              {t.tentative}
            </Button>
            <Button disabled={answer.isPending} onClick={() => answer.mutate('declined')}>
              {t.decline}
            </Button>
          </>
        )}
        <Button
          variant="filled"
          disabled={answer.isPending || text.trim() === ''}
          onClick={() => answer.mutate(undefined)}
        >
          {t.send}
        </Button>
      </div>
    </section>
  );
}
