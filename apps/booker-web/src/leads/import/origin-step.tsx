import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, ApiProblem } from '../../app/api.js';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { Section } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { number, percent } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { useEngagements } from '../leads-api.js';
import css from './import.module.css';
import { draftOf, forgetFile, keepOrigin, useMemory } from './import-memory.js';
import { checkOrigin, OriginFields, type Wrong } from './origin-fields.js';
import { upload } from './upload.js';

/** Step 2: where the file comes from and by what right; then it is sent. */
export function OriginStep({
  onBack,
  onFileRefused,
  onUploaded,
}: {
  readonly onBack: () => void;
  readonly onFileRefused: (sentence: string) => void;
  readonly onUploaded: (importId: string) => void;
}) {
  const t = useWords(importing);
  const language = useLanguage();
  const { file, preview, key, origin } = useMemory();
  const { all } = useEngagements();
  const [wrong, setWrong] = useState<Wrong>({});
  const [part, setPart] = useState(0);
  const [lost, setLost] = useState(false);
  const send = useMutation({
    mutationFn: async () => {
      const { engagementId, supplier } = origin;
      const { id } = await upload(
        { engagementId, supplier: supplier.trim(), file: file!, format: preview!.format, key: key! },
        setPart,
        () => setLost(true),
      );
      await answer(api.PUT('/api/v1/imports/{id}/draft', { params: { path: { id } }, body: draftOf(origin) }));
      return id;
    },
    onSuccess: (id) => {
      forgetFile();
      onUploaded(id);
    },
    onError: (e) => {
      if (!(e instanceof ApiProblem)) return;
      const said = (t.fileErrors as Readonly<Record<string, string>>)[e.code];
      const row = e.facts['row'];
      if (said) return onFileRefused(typeof row === 'number' ? `${said} ${t.fileRow(number(language, row))}` : said);
      if (e.code === 'engagement-not-open' || e.code === 'engagement-ended')
        setWrong({ engagement: t.engagementEnded });
      else if (e.facts['field'] === 'source') setWrong({ source: t.sourcePerson });
    },
  });
  const next = () => {
    const assessed = all.find((e) => e.id === origin.engagementId)?.assessed ?? false;
    const found = checkOrigin(origin, t, assessed);
    setWrong(found);
    if (Object.keys(found).length === 0 && !send.isPending) send.mutate();
    else setTimeout(() => document.querySelector<HTMLElement>('#main [aria-invalid=true]')?.focus());
  };
  useKeys(t.title, [
    { key: 'Ctrl+Enter', does: t.keyNext, run: next, inFields: true },
    { key: 'Escape', does: t.back, run: onBack, when: !send.isPending },
  ]);
  const unsaid = send.isError && Object.keys(wrong).length === 0;
  return (
    <>
      <Section title={t.originTitle}>
        <OriginFields
          origin={origin}
          wrong={wrong}
          onChange={(o) => {
            keepOrigin(o);
            setWrong({});
          }}
        />
      </Section>
      <p role="status" className={lost && send.isPending ? css.lost : css.faint}>
        {send.isPending && (lost ? t.uploadRetry : t.uploading(percent(language, part)))}
      </p>
      {unsaid && <Failed what={t.uploadFailed} error={send.error} retry={next} />}
      <div className={css.acts}>
        <Button onClick={onBack} disabled={send.isPending}>
          {t.back}
        </Button>
        <Button
          variant="filled"
          onClick={next}
          disabled={send.isPending}
          aria-keyshortcuts="Control+Enter"
          rightSection={<KeyHint k="Ctrl+Enter" />}
        >
          {t.upload}
        </Button>
      </div>
    </>
  );
}
