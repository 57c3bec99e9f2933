import { createHmac } from 'node:crypto';
import pg from 'pg';
import type { Checkpoint } from './checkpoint.js';

const LOGIN = 'audit_witness';

/** A checkpoint handed over, with the signed text. */
export interface Witnessed extends Checkpoint {
  readonly note: string;
}

/** Who remembers checkpoints outside the services' databases, so that a trail rolled back as a whole, signatures and all, does not go unseen.
 * Here: a schema in the key-store cluster, with other roles, another disk and other backups (docs/security.md §4). */
export class Witness {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 1, application_name: LOGIN, idleTimeoutMillis: 10_000 });
    this.pool.on('error', () => undefined); // an idle connection that dies is replaced
  }

  /** The largest tree it has seen of this origin; undefined when none. */
  async newest(origin: string): Promise<Witnessed | undefined> {
    const found = await this.read('where origin = $1 order by size desc limit 1', [origin]);
    return found[0];
  }

  /** What it has seen of this origin above a size, smallest first. */
  seen(origin: string, after: number, most: number): Promise<Witnessed[]> {
    return this.read('where origin = $1 and size > $2 order by size limit $3', [origin, after, most]);
  }

  /** Hands a checkpoint over; the same one again changes nothing.
   * @throws Error `audit-witness-refuses` (in `.message`) for a smaller tree than it has seen, or another root of the same size */
  async take({ origin, size, root, note }: Witnessed): Promise<void> {
    await this.pool.query('select witness.take($1, $2, $3, $4)', [origin, size, root, note]);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async read(where: string, values: unknown[]): Promise<Witnessed[]> {
    const { rows } = await this.pool.query<Omit<Witnessed, 'size'> & { size: string }>(
      `select origin, size, root, note from witness.checkpoint ${where}`,
      values,
    );
    return rows.map((row) => ({ ...row, size: Number(row.size) }));
  }
}

/** Makes the witness's schema and login in the key-store database; safe to repeat and to race.
 * @param adminUrl a role that may create roles (provisioning only)
 * @returns the login's URL: it may read and add, nothing else */
export async function provisionWitness(adminUrl: string, roleSecret: string): Promise<string> {
  const mark = createHmac('sha256', roleSecret).update(SCHEMA).digest('base64url');
  const admin = new pg.Client({ connectionString: adminUrl, application_name: 'witness-provision' });
  await admin.connect();
  try {
    await admin.query('begin');
    // Roles belong to the server, advisory locks to a database; this lock is the server's too.
    await admin.query('lock table pg_catalog.pg_authid in share row exclusive mode');
    if (!(await isProvisioned(admin, mark))) {
      const roles = { witness_owner: 'nologin', [LOGIN]: `login password '${passwordOf(roleSecret)}'` }; // base64url: no quote in it
      for (const [role, login] of Object.entries(roles)) {
        const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role]);
        const flags = 'nosuperuser nobypassrls nocreatedb nocreaterole noinherit';
        await admin.query(`${rowCount ? 'alter' : 'create'} role ${role} ${flags} ${login}`);
      }
      await admin.query(SCHEMA);
      await admin.query(`comment on schema witness is '${mark}'`);
    }
    await admin.query('commit');
  } finally {
    await admin.end();
  }
  return witnessUrl(adminUrl, roleSecret);
}

/** The URL `provisionWitness` returns, without connecting. */
export function witnessUrl(adminUrl: string, roleSecret: string): string {
  const url = new URL(adminUrl);
  url.username = LOGIN;
  url.password = passwordOf(roleSecret);
  return url.href;
}

function passwordOf(roleSecret: string): string {
  return createHmac('sha256', roleSecret).update(LOGIN).digest('base64url');
}

async function isProvisioned(admin: pg.Client, mark: string): Promise<boolean> {
  const { rows } = await admin.query<{ mark: string | null }>(
    `select obj_description(n.oid, 'pg_namespace') as mark from pg_namespace n join pg_roles r on r.rolname = $1
      where n.nspname = 'witness'`,
    [LOGIN],
  );
  return rows[0]?.mark === mark;
}

const SCHEMA = `
create schema if not exists witness;
revoke all on schema witness from public;
do $$ begin execute format('grant connect on database %I to ${LOGIN}', current_database()); end $$;
grant usage on schema witness to ${LOGIN}, witness_owner;
create table if not exists witness.checkpoint (
  origin text not null,
  size bigint not null check (size > 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (origin, size)
);
alter table witness.checkpoint owner to witness_owner;
grant select on witness.checkpoint to ${LOGIN};
-- The only way in: a trail that has become smaller, or another at the same size, is refused, whoever signed it.
create or replace function witness.take(p_origin text, p_size bigint, p_root bytea, p_note text) returns void
  language plpgsql security definer set search_path = witness, pg_temp as $$
declare newest record;
begin
  perform pg_advisory_xact_lock(4718, hashtext(p_origin));
  select size, root into newest from checkpoint where origin = p_origin order by size desc limit 1;
  if newest.size is null or newest.size < p_size then
    insert into checkpoint (origin, size, root, note) values (p_origin, p_size, p_root, p_note);
  elsif not exists (select from checkpoint where origin = p_origin and size = p_size and root = p_root) then
    raise exception 'audit-witness-refuses' using errcode = 'check_violation';
  end if;
end $$;
alter function witness.take(text, bigint, bytea, text) owner to witness_owner;
revoke all on function witness.take(text, bigint, bytea, text) from public;
grant execute on function witness.take(text, bigint, bytea, text) to ${LOGIN};
`;
