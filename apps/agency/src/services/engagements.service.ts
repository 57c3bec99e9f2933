import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail, type Principal, requireEngagement } from '@avtala/access';
import { type CrmErasure, EngagementChanged, EngagementStarted, Missing } from '@avtala/contracts';
import { affected, Db, rows, scopeOf } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Due, Outbox } from '@avtala/messaging';
import { Clock, startOfSwedishDay, swedishDay } from '@avtala/time';
import { AssessedAhead, EngagementOver, RetentionTooShort, UnknownMember } from '../domain/errors.js';
import { type DesignatedSystem, smallestRetentionMonths } from '../domain/retention-months.js';
import {
  type EngagementRow,
  listEngagements,
  lockEngagement,
  nextVersion,
  readEngagement,
} from '../storage/engagements.js';

export interface Party {
  readonly name: string;
  readonly organisationNumber: string;
}

export interface NewEngagement {
  readonly clientId: string;
  readonly name: string;
  readonly controller: Party;
  readonly processor: Party;
  /** X of A7, whole months. */
  readonly retentionMonths: number;
  readonly bindingMonths: number;
  readonly startsOn: Temporal.PlainDate;
  readonly timeZone: string;
  readonly eraseOnReply: boolean;
  readonly crmErasure: CrmErasure;
  readonly systems: readonly DesignatedSystem[];
  readonly noticeSource: string | null;
}

export interface NewAssessment {
  readonly purpose: string;
  readonly necessity: string;
  readonly balancing: string;
  readonly madeOn: Temporal.PlainDate;
}

/** What every service keeps of an engagement. */
export function snapshotOf(e: EngagementRow) {
  return {
    engagementId: e.engagementId,
    clientId: e.clientId,
    version: e.version,
    retentionMonths: e.retentionMonths,
    timeZone: e.timeZone,
    assessed: e.assessed,
    eraseOnReply: e.eraseOnReply,
    crmErasure: e.crmErasure,
    memberIds: e.memberIds,
    controller: e.controllerName,
  };
}

@Injectable()
export class EngagementsService {
  constructor(
    private readonly db: Db,
    private readonly outbox: Outbox,
    private readonly due: Due,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Opens an engagement; it starts at once when its first day has come, else by itself on that day (Swedish time).
   * @returns its id, also for a repeat under the same key
   * @throws RetentionTooShort with the smallest X; Missing when there is no such client */
  async open(caller: Principal, claim: IdempotencyClaim, e: NewEngagement): Promise<string> {
    const smallest = smallestRetentionMonths(e.systems);
    if (e.retentionMonths < smallest) throw new RetentionTooShort(smallest);
    const id = randomUUIDv7();
    // The row's policy asks for the scope of the engagement that is being made.
    return this.db.withScope(scopeOf(id), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before) return before.resourceId!;
      const now = this.clock.now();
      const startsAt = startOfSwedishDay(e.startsOn);
      const started = Temporal.Instant.compare(startsAt, now) <= 0;
      await insertEngagement(tx, id, e, { now, startedAt: started ? startsAt : null });
      if (started) {
        const row = await readEngagement(tx, id);
        await this.outbox.append(tx, EngagementStarted.of({ ...snapshotOf(row), startedAt: startsAt.toString() }));
      } else {
        await this.due.schedule(tx, { kind: 'engagement-start', key: id, engagementId: id, dueAt: startsAt });
      }
      await this.audit.record(tx, { action: 'engagement.opened', principal: caller, engagementId: id });
      await settleKey(tx, claim, { status: 201, resourceId: id, engagementId: id });
      return id;
    });
  }

  /** @throws Missing when it is not the caller's */
  async read(caller: Principal, engagementId: string): Promise<EngagementRow> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), (tx) => readEngagement(tx, engagementId));
  }

  /** Those the caller may enter; nobody else's. */
  async list(caller: Principal): Promise<EngagementRow[]> {
    if (!caller.engagementIds.length) return [];
    return this.db.withScope(scopeOf(...caller.engagementIds), listEngagements);
  }

  /** Records a legal-interest assessment (B3). @returns its id */
  async assess(caller: Principal, claim: IdempotencyClaim, engagementId: string, a: NewAssessment): Promise<string> {
    requireEngagement(caller, engagementId);
    if (Temporal.PlainDate.compare(a.madeOn, swedishDay(this.clock.now())) > 0) throw new AssessedAhead();
    const id = randomUUIDv7();
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before) return before.resourceId!;
      await this.lockRunning(tx, engagementId);
      await tx.query(
        `insert into assessment (assessment_id, engagement_id, purpose, necessity, balancing, made_on, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          id,
          engagementId,
          a.purpose,
          a.necessity,
          a.balancing,
          a.madeOn.toString(),
          caller.userId,
          this.clock.nowDate(),
        ],
      );
      await this.changed(tx, engagementId);
      await this.audit.record(tx, {
        action: 'engagement.assessed',
        principal: caller,
        engagementId,
        detail: { assessmentId: id },
      });
      await settleKey(tx, claim, { status: 201, resourceId: id, engagementId });
      return id;
    });
  }

  /** Sets who may act in the engagement; acts on their next request. Saying the same again changes nothing.
   * @throws UnknownMember when one has no account with us */
  async setMembers(caller: Principal, engagementId: string, userIds: readonly string[]): Promise<string[]> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      await this.lockRunning(tx, engagementId);
      const known = await rows<{ id: string }>(
        tx,
        `select id from auth_user where id = any($1) and disabled_at is null for share`,
        [userIds],
      );
      if (known.length < userIds.length) throw new UnknownMember(userIds.length - known.length);
      const removed = await affected(tx, `delete from membership where engagement_id = $1 and user_id <> all($2)`, [
        engagementId,
        userIds,
      ]);
      const added = await affected(
        tx,
        `insert into membership (engagement_id, user_id) select $1, u from unnest($2::uuid[]) u on conflict do nothing`,
        [engagementId, userIds],
      );
      if (removed + added > 0) {
        await this.changed(tx, engagementId);
        await this.audit.record(tx, {
          action: 'engagement.members-set',
          principal: caller,
          engagementId,
          detail: { added, removed },
        });
      }
      return (await readEngagement(tx, engagementId)).memberIds;
    });
  }

  private async lockRunning(tx: EntityManager, engagementId: string): Promise<void> {
    if ((await lockEngagement(tx, engagementId)).endedAt) throw new EngagementOver();
  }

  /** A new version, and before its start nobody is told: `engagement.started` will carry the whole. */
  private async changed(tx: EntityManager, engagementId: string): Promise<void> {
    await nextVersion(tx, engagementId);
    const row = await readEngagement(tx, engagementId);
    if (row.startedAt) await this.outbox.append(tx, EngagementChanged.of(snapshotOf(row)));
  }
}

async function insertEngagement(
  tx: EntityManager,
  id: string,
  e: NewEngagement,
  at: { now: Temporal.Instant; startedAt: Temporal.Instant | null },
): Promise<void> {
  const client = await rows(tx, `select 1 from client where client_id = $1`, [e.clientId]);
  if (client.length === 0) throw new Missing('client');
  await tx.query(
    `insert into engagement (engagement_id, client_id, name, controller_name, controller_number, processor_name,
       processor_number, retention_months, binding_months, starts_on, time_zone, erase_on_reply, crm_erasure,
       notice_source, created_at, started_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      id,
      e.clientId,
      e.name,
      e.controller.name,
      e.controller.organisationNumber,
      e.processor.name,
      e.processor.organisationNumber,
      e.retentionMonths,
      e.bindingMonths,
      e.startsOn.toString(),
      e.timeZone,
      e.eraseOnReply,
      e.crmErasure,
      e.noticeSource,
      at.now.toString(),
      at.startedAt?.toString() ?? null,
    ],
  );
  await tx.query(`insert into engagement_home (engagement_id) values ($1)`, [id]);
}
