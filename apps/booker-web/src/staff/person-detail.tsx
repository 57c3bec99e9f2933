import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useEngagementNames } from '../app/engagements.js';
import { useMe } from '../app/session.js';
import type { Colleague } from '../app/staff.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { CopyableId } from '../ui/copyable-id.js';
import { KeyHint } from '../ui/key-hint.js';
import { KeyValue } from '../ui/section.js';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { staff } from '../words/staff.js';
import { ActDialog, type Asking } from './act-dialogs.js';
import { Factors, IdleText } from './people-table.js';
import { SignIns } from './sign-ins.js';
import css from './staff.module.css';
import { useAccountActs } from './use-account-acts.js';

/** One person: what they reach, how they sign in, and what can be done about their account. */
export function PersonDetail({ person, onClose }: { readonly person: Colleague; readonly onClose: () => void }) {
  const t = useWords(staff);
  const d = t.detail;
  const roles = useWords(shell).roles;
  const me = useMe();
  const names = useEngagementNames();
  const [asking, setAsking] = useState<Asking>();
  const acts = useAccountActs();
  const own = person.id === me.id;
  const open = person.state === 'active';
  const buttons: readonly { act: Asking; key: string; does: string; when: boolean; danger?: boolean }[] = [
    { act: 'end-sessions', key: 's', does: t.endSessions.act, when: person.sessions > 0 && !own },
    { act: 'reset-factors', key: 'f', does: t.reset.act, when: open && !own },
    { act: 'disable', key: 'd', does: t.disable.act, when: open && !own, danger: true },
    { act: 'enable', key: 'd', does: t.enable.act, when: !open },
  ];
  const shown = buttons.filter((b) => b.when);
  useKeys(t.title, [
    ...shown.map((b) => ({ key: b.key, does: b.does, run: () => setAsking(b.act) })),
    { key: 'Escape', does: d.close, run: onClose },
  ]);
  return (
    <aside className={css.aside} aria-label={d.title}>
      <div className={css.asideHead}>
        <h2>
          <bdi>{person.name}</bdi>
        </h2>
        <ActionIcon variant="subtle" aria-label={d.close} onClick={onClose} aria-keyshortcuts={ariaKeys('Escape')}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <KeyValue
        inline
        pairs={[
          ...(person.email ? [[d.email, <CopyableId key="email" id={person.email} />] as const] : []),
          [t.columns.role, roles[person.role]],
          [t.columns.state, <StatusBadge key="state" thing="account" state={person.state} />],
          [t.columns.factor, <Factors key="factor" person={person} />],
          [d.sessions, String(person.sessions)],
          [t.columns.seen, <TimeText key="seen" at={person.activeAt} />],
          [t.columns.idle, <IdleText key="idle" person={person} />],
        ]}
      />
      <p className={css.meta}>{d.idle}</p>
      {person.engagementIds.length > 0 && (
        <div className={css.engagements}>
          <h3>{t.columns.engagements}</h3>
          <ul>
            {person.engagementIds.map((id) => (
              <li key={id}>
                <Link
                  to={'/engagements/$engagementId' as '/'}
                  params={{ engagementId: id } as never}
                  search={{ tab: 'rules' } as never}
                >
                  {names.get(id) ?? id.slice(-12)}
                </Link>
              </li>
            ))}
          </ul>
          <p className={css.meta}>{d.members}</p>
        </div>
      )}
      {(shown.length > 0 || own) && (
        <div className={css.acts} role="group" aria-label={d.acts}>
          {shown.map((b) => (
            <Button
              key={b.act}
              {...(b.danger ? { color: 'err' } : {})}
              onClick={() => setAsking(b.act)}
              rightSection={<KeyHint k={b.key} />}
              aria-keyshortcuts={ariaKeys(b.key)}
              aria-haspopup="dialog"
            >
              {b.does}
            </Button>
          ))}
          {own && <p className={css.meta}>{d.own}</p>}
        </div>
      )}
      <SignIns key={person.id} userId={person.id} />
      {asking && <ActDialog asking={asking} person={person} acts={acts} onClose={() => setAsking(undefined)} />}
    </aside>
  );
}
