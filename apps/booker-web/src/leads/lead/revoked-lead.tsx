import { Button } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../app/session.js';
import { CopyableId } from '../../ui/copyable-id.js';
import { Page } from '../../ui/page.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { leads } from '../../words/leads.js';
import type { LeadOnScreen, Revoked } from './lead-data.js';
import css from './lead.module.css';

/** The page went blank while it was open. Why is said to those who may know; a booker is told how to end the call. */
export function RevokedLead({
  why,
  on,
  leadId,
}: {
  readonly why: Revoked;
  readonly on: LeadOnScreen;
  readonly leadId: string;
}) {
  const t = useWords(words);
  const l = useWords(leads);
  const { role } = useMe();
  return (
    <Page title={t.gone.title} tab={t.tab} crumbs={[{ label: l.title, to: '/leads' }]}>
      <div className={css.gone} role="alert">
        <IconEyeOff size={24} stroke={1.75} aria-hidden />
        <div>
          <p className={css.goneWhy}>{role === 'booker' ? t.gone.booker : t.gone[why]}</p>
          <p>
            <CopyableId id={leadId} short />
          </p>
          <div className={css.acts}>
            {role !== 'booker' && (
              <Button variant="filled" onClick={() => void on.reread()}>
                {t.gone.reread}
              </Button>
            )}
            <Button component={Link} to="/leads">
              {t.gone.back}
            </Button>
          </div>
        </div>
      </div>
    </Page>
  );
}
