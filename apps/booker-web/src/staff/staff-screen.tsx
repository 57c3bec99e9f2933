import { Button, Select, TextInput } from '@mantine/core';
import { IconSearch, IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useRef, useState } from 'react';
import { type Colleague, type Invitation, staffQuery } from '../app/staff.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { staff } from '../words/staff.js';
import { InvitationsTable } from './invitations-table.js';
import { InviteDialog } from './invite-dialog.js';
import { PeopleTable } from './people-table.js';
import { PersonDetail } from './person-detail.js';
import { ROLES, staffRoute, type StaffSearch } from './routes.js';
import css from './staff.module.css';

/** Who has an account and what they reach; who was invited. Whom one looks for stays on the page, never in the address. */
export function StaffScreen() {
  const t = useWords(staff);
  const search = staffRoute.useSearch();
  const navigate = useNavigate();
  const list = useQuery(staffQuery);
  const [inviting, setInviting] = useState<{ readonly again?: Invitation }>();
  useKeys(t.title, [{ key: 'i', does: t.invite, run: () => setInviting({}) }]);
  const change = useCallback(
    (next: { readonly [K in keyof StaffSearch]: StaffSearch[K] | undefined }) =>
      void navigate({
        to: '/staff',
        search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, v]) => v !== undefined)),
        replace: true,
      }),
    [navigate, search],
  );
  const data = list.data;
  const tab = search.tab ?? 'people';
  return (
    <Page
      fill
      title={t.title}
      tab={t.title}
      sub={data?.items.length === 1 ? t.onlyYou : t.sub}
      actions={
        <Button
          variant="filled"
          onClick={() => setInviting({})}
          leftSection={<IconUserPlus size={16} aria-hidden />}
          rightSection={<KeyHint k="i" />}
          aria-keyshortcuts={ariaKeys('i')}
          aria-haspopup="dialog"
        >
          {t.invite}
        </Button>
      }
    >
      <Tabs people={data?.items.length} invitations={data?.invitations.length} tab={tab} />
      {list.isPending && <Loading what={t.list} rows={8} height={48} />}
      {list.isError && !data && <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />}
      {data &&
        (tab === 'invitations' ? (
          <InvitationsTable invitations={data.invitations} onAgain={(again) => setInviting({ again })} />
        ) : (
          <People people={data.items} search={search} onChange={change} />
        ))}
      {inviting && (
        <InviteDialog again={inviting.again} pending={data?.invitations ?? []} onClose={() => setInviting(undefined)} />
      )}
    </Page>
  );
}

function People({
  people,
  search,
  onChange,
}: {
  readonly people: readonly Colleague[];
  readonly search: StaffSearch;
  readonly onChange: (change: { readonly [K in keyof StaffSearch]: StaffSearch[K] | undefined }) => void;
}) {
  const t = useWords(staff);
  const roles = useWords(shell).roles;
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useKeys(t.title, [{ key: '/', does: t.find, run: () => field.current?.focus() }]);
  const wanted = text.trim().toLocaleLowerCase('sv');
  const shown = people.filter(
    (p) =>
      (!search.role || p.role === search.role) &&
      (p.name.toLocaleLowerCase('sv').includes(wanted) || (p.email ?? '').includes(wanted)),
  );
  const person = people.find((p) => p.id === search.open);
  return (
    <>
      <div className={css.filters}>
        <TextInput
          ref={field}
          aria-label={t.find}
          placeholder={t.find}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<KeyHint k="/" />}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          aria-keyshortcuts={ariaKeys('/')}
        />
        <Select
          aria-label={t.role}
          placeholder={t.anyRole}
          clearable
          data={ROLES.map((value) => ({ value, label: roles[value] }))}
          value={search.role ?? null}
          onChange={(value) => onChange({ role: ROLES.find((r) => r === value), open: undefined })}
        />
      </div>
      <div className={css.split} data-open={person ? true : undefined}>
        {shown.length === 0 ? (
          <div className={css.table}>
            <Empty
              action={
                <Button
                  onClick={() => {
                    setText('');
                    onChange({ role: undefined, open: undefined });
                  }}
                >
                  {t.clear}
                </Button>
              }
            >
              {t.noMatch}
            </Empty>
          </div>
        ) : (
          <PeopleTable
            key={`${search.role} ${wanted}`}
            people={shown}
            compact={person !== undefined}
            onOpen={(p) => onChange({ open: p.id })}
          />
        )}
        {person && <PersonDetail key={person.id} person={person} onClose={() => onChange({ open: undefined })} />}
      </div>
    </>
  );
}

function Tabs({
  people,
  invitations,
  tab,
}: {
  readonly people: number | undefined;
  readonly invitations: number | undefined;
  readonly tab: NonNullable<StaffSearch['tab']>;
}) {
  const t = useWords(staff);
  const language = useLanguage();
  const count = (n: number | undefined) => (n === undefined ? '' : ` ${number(language, n)}`);
  const tabs = [
    ['people', t.people, people],
    ['invitations', t.invitations, invitations],
  ] as const;
  return (
    <nav className={css.tabs} aria-label={t.title}>
      {tabs.map(([name, word, n]) => {
        const current = { 'aria-current': name === tab ? ('page' as const) : undefined };
        return (
          <Link key={name} to="/staff" search={{ tab: name }} activeProps={current} {...current}>
            {word}
            <span className={css.faint}>{count(n)}</span>
          </Link>
        );
      })}
    </nav>
  );
}
