import { createHmac } from 'node:crypto';
import pg from 'pg';

/** Who connects to the key store, and to which kinds of subject their keys belong (security.md: a role per service, limited to its own kinds).
 * `keeper` owns the schema, closes epochs and sees wrapped keys of all kinds. */
export const KINDS_OF_ROLE = {
  'lead-intake': ['lead', 'import'],
  scheduling: ['host', 'connection'],
  'crm-sync': ['connection'],
} as const satisfies Record<string, readonly SubjectKind[]>;

export const SUBJECT_KINDS = ['lead', 'host', 'connection', 'import'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];
export type VaultRole = keyof typeof KINDS_OF_ROLE | 'keeper';
export type VaultUrls = Record<VaultRole, string>;

const loginOf = (role: VaultRole): string => `vault_${role.replaceAll('-', '_')}`;
const quoted = (values: readonly string[]): string => values.map((v) => `'${v}'`).join(', ');

/** Makes schema, tables and logins of the key store; safe to repeat and to race.
 * @param adminUrl the key-store database, as a role that may create roles (provisioning only)
 * @param roleSecret passwords are HMACs of it, so nothing is stored
 * @returns one URL per role */
export async function provisionVault(adminUrl: string, roleSecret: string): Promise<VaultUrls> {
  const admin = new pg.Client({ connectionString: adminUrl, application_name: 'vault-provision' });
  await admin.connect();
  try {
    await admin.query('begin');
    // Roles belong to the server, advisory locks to a database; this lock is the server's too.
    await admin.query('lock table pg_catalog.pg_authid in share row exclusive mode');
    for (const role of ROLES) await ensureLogin(admin, loginOf(role), passwordOf(loginOf(role), roleSecret));
    await admin.query(SCHEMA);
    for (const [role, kinds] of Object.entries(KINDS_OF_ROLE)) await admin.query(roleSql(role as VaultRole, kinds));
    await admin.query('commit');
  } finally {
    await admin.end();
  }
  return vaultUrlsOf(adminUrl, roleSecret);
}

/** The URLs {@link provisionVault} returns, without connecting. */
export function vaultUrlsOf(adminUrl: string, roleSecret: string): VaultUrls {
  const urlOf = (role: VaultRole): string => {
    const url = new URL(adminUrl);
    url.username = loginOf(role);
    url.password = passwordOf(loginOf(role), roleSecret);
    return url.toString();
  };
  return Object.fromEntries(ROLES.map((role) => [role, urlOf(role)])) as VaultUrls;
}

const ROLES: readonly VaultRole[] = ['keeper', 'lead-intake', 'scheduling', 'crm-sync'];

const passwordOf = (login: string, roleSecret: string): string =>
  createHmac('sha256', roleSecret).update(login).digest('base64url');

async function ensureLogin(admin: pg.Client, login: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [login]);
  const flags = 'login nosuperuser nobypassrls nocreatedb nocreaterole noinherit';
  await admin.query(`${rowCount ? 'alter' : 'create'} role ${login} ${flags} password '${password}'`);
}

const roleSql = (role: VaultRole, kinds: readonly SubjectKind[]): string => {
  const login = loginOf(role);
  return `
    grant usage on schema vault to ${login};
    grant select on vault.epoch to ${login};
    grant select, insert, delete on vault.data_key to ${login};
    grant update (ready) on vault.data_key to ${login};
    grant select, insert on vault.destruction to ${login};
    ${role === 'lead-intake' ? `grant select, insert, delete on vault.engagement_key to ${login};` : ''}
    drop policy if exists ${login} on vault.data_key;
    create policy ${login} on vault.data_key to ${login} using (kind in (${quoted(kinds)})) with check (kind in (${quoted(kinds)}));
    drop policy if exists ${login} on vault.destruction;
    create policy ${login} on vault.destruction to ${login}
      using (kind in (${quoted([...kinds, 'engagement'])})) with check (kind in (${quoted([...kinds, 'engagement'])}));`;
};

const SCHEMA = `
create schema if not exists vault;
revoke all on schema vault from public;
do $$ begin execute format('revoke all on database %I from public', current_database()); end $$;
do $$ begin
  execute format('grant connect on database %I to vault_keeper, vault_lead_intake, vault_scheduling, vault_crm_sync', current_database());
end $$;
grant usage, create on schema vault to vault_keeper;

create table if not exists vault.epoch (
  epoch int generated always as identity primary key,
  ref uuid not null unique,
  wrapped bytea,                              -- null once destroyed
  state text not null default 'open' check (state in ('open', 'closing', 'dropped', 'destroyed')),
  copied_kind text, copied_subject uuid,      -- how far re-wrapping has come, for a close that was killed
  opened_at timestamptz not null default now(),
  destroyed_at timestamptz, evidence text
);
create unique index if not exists one_open_epoch on vault.epoch ((true)) where state = 'open';

-- Partitioned by epoch, so that closing one drops a table instead of leaving a million dead rows in the heap.
create table if not exists vault.data_key (
  epoch int not null,
  kind text not null check (kind in (${quoted(SUBJECT_KINDS)})),
  subject_id uuid not null,
  wrapped bytea not null,
  ready boolean not null default false,       -- made in a block, not yet known to be in use
  made_at timestamptz not null default now(),
  primary key (kind, subject_id, epoch)       -- epoch last: a partition holds one, and keys are looked up in all of them
) partition by list (epoch);
create index if not exists data_key_ready on vault.data_key (made_at) where ready;

-- Peppers, import hash keys (per engagement) and the one suppression key (engagement null): few rows, re-wrapped in place.
create table if not exists vault.engagement_key (
  name text not null check (name in ('pepper', 'import-hash', 'suppression')),
  engagement_id uuid,
  version int not null default 1,
  epoch int not null references vault.epoch (epoch),
  wrapped bytea not null,
  unique nulls not distinct (name, engagement_id, version)
);

-- Destruction ledger: ids only. Replayed before a restored key store may serve; a destroyed id never gets a key again.
create table if not exists vault.destruction (
  position bigint generated always as identity,
  kind text not null,
  subject_id uuid not null,
  order_id uuid,
  at timestamptz not null default clock_timestamp(),
  primary key (kind, subject_id)
);
create index if not exists destruction_at on vault.destruction (at);

do $$ declare t text; begin
  foreach t in array array['epoch', 'data_key', 'engagement_key', 'destruction'] loop
    execute format('alter table vault.%I owner to vault_keeper', t);
  end loop;
end $$;
alter table vault.data_key enable row level security;
alter table vault.data_key force row level security;
alter table vault.destruction enable row level security;
alter table vault.destruction force row level security;
drop policy if exists keeper on vault.data_key;
create policy keeper on vault.data_key to vault_keeper using (true) with check (true);
drop policy if exists keeper on vault.destruction;
create policy keeper on vault.destruction to vault_keeper using (true) with check (true);

-- Any service may find that there is no epoch yet; only the owner may make a partition. Returns the open epoch, which may be another's.
create or replace function vault.open_epoch(p_ref uuid, p_wrapped bytea) returns int
  language plpgsql security definer set search_path = vault, pg_temp as $$
declare n int;
begin
  perform pg_advisory_xact_lock(4712, 1);
  select epoch into n from epoch where state = 'open';
  if n is not null then return n; end if;
  insert into epoch (ref, wrapped) values (p_ref, p_wrapped) returning epoch into n;
  execute format('create table data_key_%s partition of data_key for values in (%s)', n, n);
  execute format('alter table data_key_%s enable row level security', n);
  execute format('alter table data_key_%s force row level security', n);
  execute format('create policy keeper on data_key_%s to vault_keeper using (true) with check (true)', n);
  return n;
end $$;
alter function vault.open_epoch(uuid, bytea) owner to vault_keeper;
revoke all on function vault.open_epoch(uuid, bytea) from public;
grant execute on function vault.open_epoch(uuid, bytea) to vault_lead_intake, vault_scheduling, vault_crm_sync;
`;
