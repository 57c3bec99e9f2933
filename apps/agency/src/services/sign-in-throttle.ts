import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { AccessOptions } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { SignInThrottled } from '../domain/errors.js';

/** Failures that cost nothing: typing errors. From then on each waits twice as long, up to a quarter of an hour; an hour of peace forgets. */
const FREE_FOR_ACCOUNT = 5;
const FREE_FOR_NETWORK = 30;

/** Back-off in the database, so that it holds for every process (security.md 1.3 rule 11). Two counters: account and network together, taken
 * before the attempt so that parallel guesses do not pass, and the network alone, which counts failures only: many may sign in from one office. */
@Injectable()
export class SignInThrottle {
  constructor(
    private readonly db: Db,
    private readonly options: AccessOptions,
  ) {}

  /** @param account what the person typed as address, or the challenge of a second factor
   * @throws SignInThrottled with the seconds to wait */
  async before(account: string, address: string): Promise<void> {
    const waits = await this.db.withScope(noEngagement, async (tx) => {
      const blocked = await rows<{ seconds: number }>(
        tx,
        `select ceil(extract(epoch from blocked_until - clock_timestamp()))::int as seconds
           from sign_in_failure where key = any($1) and blocked_until > clock_timestamp()`,
        [[this.pair(account, address), this.network(address)]],
      );
      if (blocked.length) return blocked.map((row) => row.seconds);
      const counted = await rows(tx, count(FREE_FOR_ACCOUNT), [this.pair(account, address)]);
      return counted.length ? [] : [1]; // a twin has just used the last free try
    });
    if (waits.length) throw new SignInThrottled(Math.max(1, ...waits));
  }

  async failed(address: string): Promise<void> {
    await this.db.withScope(noEngagement, (tx) => tx.query(count(FREE_FOR_NETWORK), [this.network(address)]));
  }

  async succeeded(account: string, address: string): Promise<void> {
    await this.db.withScope(noEngagement, async (tx) => {
      await tx.query(`delete from sign_in_failure where key = $1`, [this.pair(account, address)]);
      await tx.query(`delete from sign_in_failure where last_at < clock_timestamp() - interval '1 day'`);
    });
  }

  private pair(account: string, address: string): Buffer {
    return this.hash(`pair\0${account.normalize('NFKC').trim().toLowerCase()}\0${networkOf(address)}`);
  }

  private network(address: string): Buffer {
    return this.hash(`network\0${networkOf(address)}`);
  }

  private hash(text: string): Buffer {
    return createHmac('sha256', this.options.authSecret).update(`throttle\0${text}`).digest();
  }
}

/** One try more, unless the key is blocked (then no row comes back). */
const count = (free: number): string => `
  insert into sign_in_failure as f (key, tries, last_at, blocked_until)
  values ($1, 1, clock_timestamp(), clock_timestamp())
  on conflict (key) do update set
    tries = case when f.last_at < clock_timestamp() - interval '1 hour' then 1 else f.tries + 1 end,
    last_at = clock_timestamp(),
    blocked_until = case when f.last_at < clock_timestamp() - interval '1 hour' or f.tries < ${free} then clock_timestamp()
      else clock_timestamp() + least(900, 2 ^ least(f.tries - ${free} + 1, 10)) * interval '1 second' end
  where f.blocked_until <= clock_timestamp()
  returning tries`;

/** IPv4 as it is, IPv6 by its /64: one household or host has that many addresses. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%', 1)[0]!;
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? front : [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return (
    groups
      .slice(0, 4)
      .map((group) => Number.parseInt(group || '0', 16).toString(16))
      .join(':') + '::/64'
  );
}
