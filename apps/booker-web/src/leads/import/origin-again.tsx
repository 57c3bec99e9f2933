import { Button } from '@mantine/core';
import { useState } from 'react';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { Section } from '../../ui/section.js';
import { useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { useEngagements } from '../leads-api.js';
import css from './import.module.css';
import type { Origin } from './import-memory.js';
import { checkOrigin, OriginFields, type Wrong } from './origin-fields.js';

/** Step 2 once more, for a file that is with the server: all but the engagement can be changed. */
export function OriginAgain({
  origin,
  onChange,
  onNext,
}: {
  readonly origin: Origin;
  readonly onChange: (next: Origin) => void;
  readonly onNext: () => void;
}) {
  const t = useWords(importing);
  const { all } = useEngagements();
  const [wrong, setWrong] = useState<Wrong>({});
  const next = () => {
    const found = checkOrigin(origin, t, all.find((e) => e.id === origin.engagementId)?.assessed ?? false);
    setWrong(found);
    if (Object.keys(found).length === 0) onNext();
  };
  useKeys(t.title, [{ key: 'Ctrl+Enter', does: t.keyNext, run: next, inFields: true }]);
  return (
    <>
      <Section title={t.originTitle}>
        <OriginFields
          origin={origin}
          wrong={wrong}
          fixed
          onChange={(o) => {
            onChange(o);
            setWrong({});
          }}
        />
      </Section>
      <div className={css.acts}>
        <Button
          variant="filled"
          onClick={next}
          aria-keyshortcuts="Control+Enter"
          rightSection={<KeyHint k="Ctrl+Enter" />}
        >
          {t.next}
        </Button>
      </div>
    </>
  );
}
