import { IconShieldCheck } from '@tabler/icons-react';
import { CopyableId } from '../ui/copyable-id.js';
import { Badge } from '../ui/status-badge.js';
import { audit } from '../words/audit.js';
import { list, number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import css from './audit.module.css';
import type { Verdict } from './verify.js';

/** What was checked, a sentence each; or the first thing that is wrong. @param row its place, when the file is the proof of one row */
export function VerdictText({ verdict, row }: { readonly verdict: Verdict; readonly row?: number | undefined }) {
  const t = useWords(audit);
  const language = useLanguage();
  const logs = useWords(shell).chain.logs;
  const d = t.detail;
  if (!verdict.holds)
    return (
      <div className={css.verdict}>
        <Badge tone="err">{row === undefined ? t.check.holdsNot : d.provedNot}</Badge>
        <p>{d.failed[verdict.failure]}</p>
        {verdict.service && verdict.id && <p className={css.meta}>{t.check.at(logs[verdict.service], verdict.id)}</p>}
      </div>
    );
  const names = list(language, verdict.services.map((s) => logs[s])); // prettier-ignore
  const checks = [
    d.checks.leaf,
    ...(row === undefined ? [] : [d.checks.path(number(language, row + 1), number(language, verdict.size))]),
    d.checks.signature,
  ];
  return (
    <div className={css.verdict}>
      <Badge tone="ok">{row === undefined ? t.check.holds(number(language, verdict.rows), names) : d.proved}</Badge>
      <ul className={css.checks}>
        {checks.map((said) => (
          <li key={said}>
            <IconShieldCheck size={16} aria-hidden />
            <span>{said}</span>
          </li>
        ))}
      </ul>
      <dl className={css.keys}>
        <dt>{d.root}</dt>
        <dd>
          <CopyableId id={verdict.root} short />
        </dd>
        <dt>{d.key}</dt>
        {verdict.keys.map((key) => (
          <dd key={key}>
            <CopyableId id={key} />
          </dd>
        ))}
      </dl>
      <p className={css.meta}>{d.compare}</p>
    </div>
  );
}
