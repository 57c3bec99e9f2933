import { Allow, AuditTrail, Caller, type Principal } from '@avtala/access';
import { AuditLog, checkSeen, type InclusionProof, type SignedCheckpoint } from '@avtala/audit';
import { IsInstant, Missing, type ServiceName } from '@avtala/contracts';
import { Db, noEngagement } from '@avtala/database';
import { claimKey, IdempotentKey, IdPipe, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, type Type } from '@nestjs/common';
import { Type as As } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Matches, Max, Min } from 'class-validator';

class AuditFilter {
  /** Id of a person in staff, or name of a service. */
  @IsOptional() @Matches(/^[a-z0-9-]{1,64}$/) actor?: string;
  /** Id of the lead, or of the person an entry of sign-in is about. */
  @IsOptional() @IsUUID() lead?: string;
  /** What was done: `contacts.read`, `engagement.opened`. */
  @IsOptional() @Matches(/^[a-z0-9.-]{1,64}$/) act?: string;
  /** Included. */
  @IsOptional() @IsInstant() from?: string;
  /** Not included. */
  @IsOptional() @IsInstant() to?: string;
  @IsOptional() @As(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  /** Last id of the page before. */
  @IsOptional() @IsUUID() after?: string;
}

export class AuditActor {
  readonly kind!: 'user' | 'service' | 'key';
  /** Id of the person or of the API key, or name of the service. */
  readonly id!: string;
  readonly role!: string | null;
  readonly sessionId!: string | null;
  /** Why a service did it, and the event it acted on. */
  readonly purpose!: string | null;
  readonly event!: string | null;
}

export class AuditItem {
  readonly id!: string;
  /** Place in the tree, from 0; null until it is sealed, some seconds after it was written. */
  readonly row!: number | null;
  readonly at!: string;
  readonly act!: string;
  readonly by!: AuditActor;
  readonly engagementId!: string | null;
  readonly subjectId!: string | null;
  /** Names of fields read or changed, never values. */
  readonly fields!: string[];
  /** Ids, counts and states. */
  readonly detail!: Record<string, string | number | boolean | null>;
}

export class AuditPage {
  readonly items!: AuditItem[];
  readonly next!: string | null;
}

export class CheckSeen {
  /** Business time. */
  readonly at!: string;
  readonly whole!: boolean;
  /** So many rows, from the first, were vouched for. */
  readonly upTo!: number;
  /** First row that is wrong; null when none is, or what is wrong has no place in the tree. */
  readonly row!: number | null;
  readonly problem!: string | null;
}

export class CheckpointView {
  /** Rows in the tree. */
  readonly size!: number;
  /** RFC 6962 root, base64. */
  readonly root!: string;
  /** C2SP tlog-checkpoint in a signed note. */
  readonly signedNote!: string;
  /** The public key it is signed with, as C2SP writes it. */
  readonly verifierKey!: string;
  /** Rows the witness outside this service's database has seen. */
  readonly witnessedSize!: number;
  /** Age of the oldest entry that is not sealed. */
  readonly lagSeconds!: number;
}

export class ChainView {
  /** The newest; null before anything was sealed. */
  readonly checkpoint!: CheckpointView | null;
  /** What the last check found, whoever made it; null before the first. */
  readonly lastCheck!: CheckSeen | null;
}

export class ProvedEntry {
  readonly id!: string;
  readonly instance!: string;
  readonly n!: number;
  /** The sealed bytes, as text: canonical JSON. */
  readonly canonical!: string;
}

export class ProofView {
  readonly entry!: ProvedEntry;
  readonly row!: number;
  /** SHA-256 of a zero byte and `id\ninstance\nn\ncanonical`, base64. */
  readonly leaf!: string;
  /** Hashes from the leaf upwards (RFC 6962 §2.1.1), base64. */
  readonly path!: string[];
  readonly checkpoint!: CheckpointView;
}

export class ProvedItem {
  readonly entry!: ProvedEntry;
  readonly row!: number;
  /** Hashes from the leaf upwards (RFC 6962 §2.1.1), base64. */
  readonly path!: string[];
}

export class ProvedItems {
  /** Null before anything was sealed. */
  readonly checkpoint!: CheckpointView | null;
  /** Newest first, each with its path to this checkpoint's root. */
  readonly items!: ProvedItem[];
  /** Entries of this page that have no place in the tree yet, and so no proof: some seconds later they have. */
  readonly unsealed!: number;
  readonly next!: string | null;
}

export class AuditFinding {
  readonly row!: number | null;
  readonly entryId!: string | null;
  readonly problem!: string;
}

export class AuditCheck {
  readonly whole!: boolean;
  /** So many rows, from the first, are vouched for. */
  readonly upTo!: number;
  /** The first row that was looked at again; those before it are vouched for by a checkpoint that was. */
  readonly from!: number;
  readonly unsealed!: number;
  readonly findings!: AuditFinding[];
}

/** A service's audit trail: who did what to which id and why, reads included, with proof. Ids only. A data-protection officer sees all of it, an
 * administrator what they did themselves and what concerns no lead. Looking is audited before anything is shown (G2, G3). */
export function auditController(service: ServiceName): Type {
  @Controller(`api/v1/${service}/audit`)
  @Allow('dpo', 'admin')
  class AuditController {
    constructor(
      @Inject(Db) private readonly db: Db,
      @Inject(AuditTrail) private readonly trail: AuditTrail,
      @Inject(AuditLog) private readonly log: AuditLog,
    ) {}

    @Get()
    async list(@Caller() caller: Principal, @Query() filter: AuditFilter): Promise<AuditPage> {
      await this.looked(caller, 'audit.read', asked(filter), filter.lead);
      const { limit } = filter;
      const items = (await this.log.list(queryOf(filter, caller))).map(({ id, row, canonical }) =>
        itemOf(id, row, canonical),
      );
      return { items, next: items.length === limit ? items.at(-1)!.id : null };
    }

    /** @throws Missing before anything was sealed */
    @Get('checkpoint')
    async checkpoint(): Promise<CheckpointView> {
      const checkpoint = await this.log.checkpoint();
      if (!checkpoint) throw new Missing('checkpoint');
      return this.view(checkpoint);
    }

    /** How the chain is, as far as anybody has looked. */
    @Get('chain')
    async chain(): Promise<ChainView> {
      const [checkpoint, lastCheck] = [await this.log.checkpoint(), await this.log.lastCheck()];
      return { checkpoint: checkpoint ? this.view(checkpoint) : null, lastCheck: lastCheck ?? null };
    }

    /** A page of the list as an export holds it: the sealed bytes of each entry and its path to one signed checkpoint. Whoever has the file can
     * check it without us. One line in the audit trail for the page, not one for each proof. */
    @Get('proofs')
    async proofs(@Caller() caller: Principal, @Query() filter: AuditFilter): Promise<ProvedItems> {
      await this.looked(caller, 'audit.exported', asked(filter), filter.lead);
      const { checkpoint, entries, unsealed, next } = await this.log.proofs(queryOf(filter, caller));
      return {
        checkpoint: checkpoint ? this.view(checkpoint) : null,
        items: entries.map(provedItem),
        unsealed,
        next: next ?? null,
      };
    }

    /** Checks the newest 10,000 rows and what is not sealed yet; of a chain that was found broken everything, since only that can say that it is whole. */
    @Post('verify')
    @HttpCode(200)
    async verify(@Caller() caller: Principal, @IdempotentKey() claim: IdempotencyClaim): Promise<AuditCheck> {
      const what = (await this.log.lastCheck())?.whole === false ? 'everything' : 'newest';
      const found = await this.log.verify(what);
      await this.db.withScope(noEngagement, async (tx) => {
        if (await claimKey(tx, claim)) return;
        await this.trail.record(tx, { action: 'audit.verified', principal: caller, detail: checkSeen(found, what) });
        await settleKey(tx, claim, { status: 200 });
      });
      const { whole, upTo, from, unsealed, findings } = found;
      return { whole, upTo, from, unsealed, findings: [...findings] };
    }

    @Get(':id/proof')
    async proof(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<ProofView> {
      await this.looked(caller, 'audit.proved', { id });
      const { leaf, checkpoint, ...proved } = await this.log.proof(id, ownPart(caller).ownPartOf);
      return { ...provedItem(proved), leaf: leaf.toString('base64'), checkpoint: this.view(checkpoint) };
    }

    private view({ size, root, note, verifierKey }: SignedCheckpoint): CheckpointView {
      const { witnessedSize, lagSeconds } = this.log.sealing;
      return { size, root: root.toString('base64'), signedNote: note, verifierKey, witnessedSize, lagSeconds };
    }

    /** Committed before anything is shown: a look that could not be written down is not taken. */
    private async looked(
      principal: Principal,
      action: string,
      detail: Record<string, string | number | boolean | null>,
      lead?: string,
    ): Promise<void> {
      await this.db.withScope(noEngagement, (tx) =>
        this.trail.record(tx, { action, principal, detail, ...(lead ? { subjectIds: [lead] } : {}) }),
      );
    }
  }
  return AuditController;
}

const ownPart = (caller: Principal): { ownPartOf?: string } =>
  caller.role === 'dpo' ? {} : { ownPartOf: caller.userId };

const asked = ({ lead: _lead, limit: _limit, ...rest }: AuditFilter): Record<string, string> =>
  Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));

const queryOf = ({ lead, ...rest }: AuditFilter, caller: Principal) => ({
  ...rest,
  ...(lead ? { subject: lead } : {}),
  ...ownPart(caller),
});

const provedItem = ({ entry, row, path }: Pick<InclusionProof, 'entry' | 'row' | 'path'>): ProvedItem => ({
  entry: { ...entry, canonical: entry.canonical.toString() },
  row,
  path: path.map((hash) => hash.toString('base64')),
});

interface Canonical {
  at: string;
  action: string;
  by: {
    kind: 'user' | 'service' | 'key';
    id: string;
    role?: string;
    session?: string;
    purpose?: string;
    event?: string;
  };
  engagement?: string;
  subject?: string;
  fields?: string[];
  detail?: Record<string, string | number | boolean | null>;
}

function itemOf(id: string, row: number | null, canonical: Buffer): AuditItem {
  const { at, action, by, engagement, subject, fields, detail } = JSON.parse(canonical.toString()) as Canonical;
  const { kind, role, session, purpose, event } = by;
  return {
    id,
    row,
    at,
    act: action,
    by: {
      kind,
      id: by.id,
      role: role ?? null,
      sessionId: session ?? null,
      purpose: purpose ?? null,
      event: event ?? null,
    },
    engagementId: engagement ?? null,
    subjectId: subject ?? null,
    fields: fields ?? [],
    detail: detail ?? {},
  };
}
