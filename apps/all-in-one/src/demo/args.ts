import { parseArgs } from 'node:util';
import { resolve } from 'node:path';

export interface DemoArgs {
  /** CSV with usual Swedish or English headers. */
  readonly leads: string;
  readonly transport: 'postgres' | 'kafka';
  readonly kills: number;
  readonly seed: number;
  /** Directory that keeps all that was searched; undefined = a temporary one, removed at the end. */
  readonly keep: string | undefined;
  readonly json: boolean;
}

export const USAGE = `npm run demo -- [--leads FILE] [--transport postgres|kafka] [--kills N] [--seed S] [--keep DIR] [--json]

Runs one lead's whole life, headless, for every lead of a file: import, calls, bookings, invites, CRM, the end of the
engagement, erasure, and a search for what should be gone.

  --leads FILE       a CSV with Swedish or English headers           (default samples/leads.csv)
  --transport NAME   postgres or kafka                               (default postgres)
  --kills N          SIGKILL the services N times while they work    (default 0; 0 to 100)
  --seed S           whole number: which people, slots, and moments  (default 1)
  --keep DIR         an empty or new directory that keeps everything that was searched
  --json             end with one JSON document on the last line`;

/** @throws Error with a sentence for the person at the keyboard */
export function readArgs(argv: readonly string[], cwd: string): DemoArgs {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      leads: { type: 'string', default: 'samples/leads.csv' },
      transport: { type: 'string', default: 'postgres' },
      kills: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.transport !== 'postgres' && values.transport !== 'kafka')
    throw new Error('--transport is postgres or kafka');
  const whole = (name: string, text: string, max: number): number => {
    if (!/^\d{1,9}$/.test(text) || Number(text) > max) throw new Error(`--${name} is a whole number from 0 to ${max}`);
    return Number(text);
  };
  return {
    leads: resolve(cwd, values.leads),
    transport: values.transport,
    kills: whole('kills', values.kills, 100),
    seed: whole('seed', values.seed, 999_999_999),
    keep: values.keep === undefined ? undefined : resolve(cwd, values.keep),
    json: values.json,
  };
}
