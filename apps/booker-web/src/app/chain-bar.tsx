import { IconUnlink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { broken, chainsQuery } from './audit-chain.js';
import { useMe } from './session.js';
import css from './shell.module.css';

/** Red, above every page of the DPO, for as long as the last check of the audit trail found it broken; nothing repairs it by itself. */
export function ChainBar() {
  return useMe().role === 'dpo' ? <Bar /> : null;
}

function Bar() {
  const t = useWords(shell).chain;
  const language = useLanguage();
  const { data } = useQuery(chainsQuery);
  const bad = broken(data);
  return (
    <div role="alert" className={bad.length ? css.broken : 'visually-hidden'}>
      {bad.length > 0 && (
        <>
          <IconUnlink size={16} aria-hidden />
          <span>
            {t.broken}{' '}
            {bad
              .map((service) => {
                const row = data![service]!.lastCheck!.row;
                return row === null ? t.outside(t.logs[service]) : t.at(t.logs[service], number(language, row + 1));
              })
              .join(', ')}
          </span>
          <Link to="/audit">{t.show}</Link>
        </>
      )}
    </div>
  );
}
