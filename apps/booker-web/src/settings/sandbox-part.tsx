import { Link } from '@tanstack/react-router';
import { useNow } from '../app/clock.js';
import { KeyValue } from '../ui/section.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { Part } from './part.js';
import css from './settings.module.css';

/** That it is one, and where it is steered from; switches stand with what they switch. */
export function SandboxPart() {
  const all = useWords(settings);
  const t = all.sandbox;
  const now = useNow();
  return (
    <Part id="sandbox" title={t.title} why={t.why} scope={all.scope.all} also={t.words}>
      <KeyValue pairs={[[t.clock, <TimeText key="now" at={now} named />]]} />
      <p className={css.row}>
        <Link to={'/sandbox-mail' as '/'}>{t.mail}</Link>
        <Link to={'/sandbox-crm' as '/'}>{t.vendors}</Link>
      </p>
    </Part>
  );
}
