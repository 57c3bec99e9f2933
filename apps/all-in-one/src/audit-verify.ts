import 'reflect-metadata';
import { auditKey, serviceKey } from '@avtala/access';
import { verifyTrail, Witness, witnessUrl, type Verified } from '@avtala/audit';
import { openDb, urlsOf } from '@avtala/database';
import { installationSecret, type ServiceDefinition } from '@avtala/runtime';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openInstallation, type Installation } from './installation.js';
import { SERVICES } from './services.js';

const USAGE = 'Usage: npm run audit-verify -- [--json] [--service NAME]';

/** `npm run audit-verify`: checks every service's audit trail from its first row: bytes, MACs, numbers, leaves, roots, signatures, and whether the
 * witness saw the same (docs/security.md §4). Says for each "whole up to row N" or what is wrong first; exit code 1 when anything is. Changes
 * nothing; runs beside live services. */
async function main(): Promise<number> {
  const { json, names } = options();
  const chosen = SERVICES.filter((s) => !names || names.includes(s.name));
  if (chosen.length === 0) throw new Error(USAGE);
  const installation = await openInstallation();
  try {
    const found = [];
    for (const service of chosen) {
      const verified = await verify(installation, service);
      found.push(verified);
      if (!json) console.log(sentence(verified));
    }
    if (json) console.log(JSON.stringify({ whole: found.every((v) => v.whole), services: found }));
    return found.every((v) => v.whole) ? 0 : 1;
  } finally {
    await installation.close();
  }
}

function options(): { json: boolean; names: string[] | undefined } {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, service: { type: 'string', multiple: true } },
    });
    return { json: values.json ?? false, names: values.service };
  } catch (cause) {
    throw new Error(USAGE, { cause });
  }
}

async function verify({ env }: Installation, { name, schema }: ServiceDefinition): Promise<Verified> {
  const secret = (file: string) => installationSecret(env.AVTALA_SECRETS_DIR, file);
  const urls = urlsOf(env.AVTALA_DATABASE_URL, schema, secret('roles.secret'));
  const witness = new Witness(witnessUrl(env.AVTALA_KEYS_URL, secret('roles.secret')));
  const db = await openDb({ schema, urls, pool: { app: 1, worker: 1, count: 1 } });
  try {
    const signingKey = serviceKey(join(env.AVTALA_SECRETS_DIR, 'audit.pem'));
    return await verifyTrail({ service: name, db, macKey: auditKey(secret('auth.secret'), name), signingKey, witness });
  } finally {
    await Promise.all([db.close(), witness.close()]);
  }
}

function sentence({ service, whole, upTo, unsealed, unaccounted, findings }: Verified): string {
  const name = service.padEnd(12);
  const also = [
    unsealed ? `${unsealed} not sealed yet` : '',
    unaccounted ? `${unaccounted} numbers of processes that died` : '',
  ].filter(Boolean);
  if (whole) return `${name} whole up to row ${upTo}${also.length ? ` (${also.join(', ')})` : ''}`;
  const lines = findings.map(
    ({ row, entryId, problem }) =>
      `${' '.repeat(13)}${row === null ? 'outside the tree' : `row ${row}`}: ${problem}${entryId ? ` (entry ${entryId})` : ''}`,
  );
  return [`${name} BROKEN; whole up to row ${upTo}`, ...lines].join('\n');
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
