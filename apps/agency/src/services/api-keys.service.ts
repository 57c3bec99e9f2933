import { randomBytes, randomInt, randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { apiKeyHash, AuditTrail, type KeyVerb, type Principal, requireEngagement } from '@avtala/access';
import { type Ground, Missing } from '@avtala/contracts';
import { affected, Db, rows, scopeOf } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Clock } from '@avtala/time';

export interface NewApiKey {
  readonly name: string;
  readonly verbs: readonly KeyVerb[];
  readonly source: string;
  readonly supplier: string;
  readonly ground: Ground;
  /** Real days it is good for, 1–365. */
  readonly days: number;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  publicPart: string;
  verbs: KeyVerb[];
  source: string;
  supplier: string;
  ground: Ground;
  createdAt: Date;
  expiresAt: Date;
  lastUsedOn: string | null;
  revokedAt: Date | null;
}

const COLUMNS = `key_id as id, name, public_part as "publicPart", verbs, source, supplier, ground, created_at as "createdAt",
  expires_at as "expiresAt", to_char(last_used_on, 'YYYY-MM-DD') as "lastUsedOn", revoked_at as "revokedAt"`;

/** Makes, lists and revokes suppliers' API keys. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly db: Db,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @returns the key itself the first time and never again: a repeat of the request is answered without it
   * @throws Missing */
  async make(
    caller: Principal,
    claim: IdempotencyClaim,
    engagementId: string,
    k: NewApiKey,
  ): Promise<ApiKeyRow & { key: string | null }> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before) return { ...(await find(tx, engagementId, before.resourceId!)), key: null };
      const [engagement] = await rows(tx, `select 1 from engagement where engagement_id = $1 and ended_at is null`, [
        engagementId,
      ]);
      if (!engagement) throw new Missing('engagement');
      const id = randomUUIDv7();
      const { publicPart, key } = newKey();
      await tx.query(
        `insert into api_key (key_id, engagement_id, name, public_part, hash, verbs, source, supplier, ground, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp() + make_interval(days => $12))`,
        [
          id,
          engagementId,
          k.name,
          publicPart,
          apiKeyHash(key),
          k.verbs,
          k.source,
          k.supplier,
          k.ground,
          caller.userId,
          this.clock.now().toString(),
          k.days,
        ],
      );
      await this.audit.record(tx, {
        action: 'api-key.made',
        principal: caller,
        engagementId,
        detail: { keyId: id, verbs: k.verbs.join(' '), ground: k.ground, days: k.days },
      });
      await settleKey(tx, claim, { status: 201, resourceId: id, engagementId });
      return { ...(await find(tx, engagementId, id)), key };
    });
  }

  /** Every key, revoked and expired ones too: who looks back must find them. */
  async list(caller: Principal, engagementId: string, page: { limit: number; after: string }): Promise<ApiKeyRow[]> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), (tx) =>
      rows<ApiKeyRow>(
        tx,
        `select ${COLUMNS} from api_key where engagement_id = $1 and key_id > $2 order by key_id limit $3`,
        [engagementId, page.after, page.limit],
      ),
    );
  }

  /** From the next request on it opens nothing. Safe to repeat.
   * @throws Missing */
  async revoke(caller: Principal, claim: IdempotencyClaim, engagementId: string, id: string): Promise<ApiKeyRow> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      const revoked = await affected(
        tx,
        `update api_key set revoked_at = $3, revoked_by = $4 where engagement_id = $1 and key_id = $2 and revoked_at is null`,
        [engagementId, id, this.clock.now().toString(), caller.userId],
      );
      const row = await find(tx, engagementId, id);
      if (revoked)
        await this.audit.record(tx, {
          action: 'api-key.revoked',
          principal: caller,
          engagementId,
          detail: { keyId: id },
        });
      if (!before) await settleKey(tx, claim, { status: 200, resourceId: id, engagementId });
      return row;
    });
  }
}

async function find(tx: Parameters<typeof rows>[0], engagementId: string, id: string): Promise<ApiKeyRow> {
  const [row] = await rows<ApiKeyRow>(tx, `select ${COLUMNS} from api_key where engagement_id = $1 and key_id = $2`, [
    engagementId,
    id,
  ]);
  if (!row) throw new Missing('api-key');
  return row;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `avt_<8 public>_<32 random bytes in base 62>`: found by secret scanners, and told apart by people. */
function newKey(): { publicPart: string; key: string } {
  const publicPart = Array.from({ length: 8 }, () => BASE62[randomInt(62)]).join('');
  let rest = BigInt(`0x${randomBytes(32).toString('hex')}`);
  let secret = '';
  for (let i = 0; i < 43; i++) {
    secret = BASE62[Number(rest % 62n)] + secret;
    rest /= 62n;
  }
  return { publicPart, key: `avt_${publicPart}_${secret}` };
}
