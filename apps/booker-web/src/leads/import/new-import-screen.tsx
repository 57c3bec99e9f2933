import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Page } from '../../ui/page.js';
import { useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { leads } from '../../words/leads.js';
import { newImportRoute } from '../routes.js';
import { EarlierImports } from './earlier-imports.js';
import { FileStep } from './file-step.js';
import css from './import.module.css';
import { useMemory } from './import-memory.js';
import { OriginStep } from './origin-step.js';
import { Steps } from './steps.js';

/** Steps 1 and 2: the file, which is only read here, and where it comes from. With the second it is sent, and gets its address. */
export function NewImportScreen() {
  const t = useWords(importing);
  const l = useWords(leads);
  const go = useNavigate();
  const { file } = useMemory();
  const { step } = newImportRoute.useSearch();
  const at = step === 'origin' && file ? 'origin' : 'file';
  const [sent, setSent] = useState<string>();
  const to = (next: 'file' | 'origin') =>
    void go({ to: '/leads/import', search: next === 'file' ? {} : { step: next } });
  return (
    <Page title={t.title} tab={t.tab} crumbs={[{ label: l.title, to: '/leads' }]}>
      <div className={css.narrow} key={at}>
        <Steps now={at} />
        {at === 'file' ? (
          <>
            <FileStep onNext={() => to('origin')} wrong={sent} />
            <EarlierImports />
          </>
        ) : (
          <OriginStep
            onBack={() => to('file')}
            onFileRefused={(sentence) => {
              setSent(sentence);
              to('file');
            }}
            onUploaded={(importId) =>
              void go({ to: '/leads/imports/$importId', params: { importId }, search: { step: 'mapping' } })
            }
          />
        )}
      </div>
    </Page>
  );
}
