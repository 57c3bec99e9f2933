import { createHash } from 'node:crypto';
import { AppError, type Ground } from '@avtala/contracts';
import type { Db } from '@avtala/database';
import { KeyInvalid } from './errors.js';
import { Gathered } from './gathered.js';
import type { KeyPrincipal, KeyVerb } from './principal.js';

/** `avt_<8 public>_<32 random bytes in base 62>` */
const API_KEY = /^avt_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}$/;

export const looksLikeApiKey = (bearer: string): boolean => bearer.startsWith('avt_');

/** What of an API key is stored: 256 random bits need no slow hash. */
export const apiKeyHash = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The key asks more than it may in a minute; counted in each process. */
export class KeyTooBusy extends AppError {
  readonly code = 'too-many-requests';
  readonly kind = 'too-many';
  constructor(retryAfterSeconds: number) {
    super('This key has asked too much for now', { retryAfterSeconds });
  }
}

/** Requests of one key in a process: so many at once, and so many a second from then on. Real time. */
const BURST = 300;
const PER_SECOND = 20;
const MOST_KEYS = 10_000;

interface KeyRow {
  hash: string;
  key_id: string;
  engagement_id: string;
  verbs: KeyVerb[];
  source: string;
  supplier: string;
  ground: Ground;
}

/** Suppliers' API keys (security.md §1.5), resolved by the one function agency offers after the request has come, so that a key that was
 * revoked a moment ago opens nothing; requests that come together share a statement. */
export class ApiKeys {
  private readonly budgets = new Map<string, { left: number; at: number }>();
  private readonly gathered: Gathered<KeyRow>;

  constructor(
    db: Db,
    private readonly limits = { burst: BURST, perSecond: PER_SECOND },
  ) {
    this.gathered = new Gathered(async (hashes) => {
      const rows = await db.ask<KeyRow>({
        name: 'api-key-holders',
        sql: `select h.hash, k.key_id, k.engagement_id, k.verbs, k.source, k.supplier, k.ground
              from unnest($1::text[]) as h (hash) cross join lateral agency.api_key_holder(decode(h.hash, 'hex')) k`,
        parameters: [hashes],
      });
      return new Map(rows.map((row) => [row.hash, row]));
    });
  }

  /** @throws KeyInvalid for one that is unknown, expired or revoked; KeyTooBusy */
  async principalOf(key: string): Promise<KeyPrincipal> {
    if (!API_KEY.test(key)) throw new KeyInvalid();
    const row = await this.gathered.ask(apiKeyHash(key).toString('hex'));
    if (!row) throw new KeyInvalid();
    this.spend(row.key_id);
    const { source, supplier, ground } = row;
    return {
      kind: 'key',
      keyId: row.key_id,
      engagementIds: [row.engagement_id],
      verbs: row.verbs,
      provenance: { source, supplier, ground },
    };
  }

  private spend(keyId: string): void {
    const { burst, perSecond } = this.limits;
    const now = performance.now();
    const known = this.budgets.get(keyId);
    const left = known ? Math.min(burst, known.left + ((now - known.at) / 1000) * perSecond) : burst;
    if (left < 1) throw new KeyTooBusy(Math.ceil((1 - left) / perSecond));
    // Re-inserted, so that the oldest entry is the one that has been quiet longest.
    this.budgets.delete(keyId);
    this.budgets.set(keyId, { left: left - 1, at: now });
    if (this.budgets.size > MOST_KEYS) this.budgets.delete(this.budgets.keys().next().value!);
  }
}
