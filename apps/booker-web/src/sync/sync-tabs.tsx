import { Link } from '@tanstack/react-router';
import { useMe } from '../app/session.js';
import { useWords } from '../words/language.js';
import { sync } from '../words/sync.js';
import css from './sync.module.css';

/** Parked messages are for those who may decide about them: admin and DPO. */
export function SyncTabs() {
  const t = useWords(sync);
  const { role } = useMe();
  if (role !== 'admin' && role !== 'dpo') return null;
  return (
    <nav className={css.tabs} aria-label={t.title}>
      <Link to="/sync" activeOptions={{ exact: true, includeSearch: false }}>
        {t.pushes}
      </Link>
      <Link to="/sync/parked">{t.parkedMessages}</Link>
    </nav>
  );
}
