import { requireEngagement, AuditTrail, type KeyPrincipal, type Principal } from '@avtala/access';
import { Db, isUniqueViolation, noEngagement, scopeOf, sqlState, withCommit } from '@avtala/database';
import { IdempotencyKeyInUse, type IdempotencyClaim } from '@avtala/http';
import { Clock, swedishDay } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { RawLead } from '../domain/intake.js';
import { LeadRefused } from '../domain/errors.js';
import { findEngagement, sharedEngagement, type Engagement } from '../storage/engagement.js';
import { provenancesStatement } from '../storage/provenance.js';
import { Batch, type Registered, type Request } from './intake-batch.js';
import { MicroBatches, type Outcome } from './micro-batches.js';
import { decide } from './people.js';
import { provenanceOf, requireOpen, type StatedProvenance } from './provenance.js';
import { mayRunAgain, TakeIn } from './take-in.js';

const RACES = 5;
/** How long a request waits for the event of an engagement that was opened a moment ago. */
const OPENING_MS = 2_000;
/** Requests of one transaction. */
const MOST = 64;
/** Transactions of one engagement under way in this process. */
const AT_ONCE = 3;
/** A smaller batch waits for none, but costs each of its requests more. */
const LEAST = 8;
/** How long a request waits for its twin under the same key in another process; for others' sake, a batch waits less. */
const TWIN_MS = 5_000;
const TWIN_IN_BATCH_MS = 200;

/** Takes single leads in: requests that come together share a transaction, and each has its own outcome. */
@Injectable()
export class Intake {
  private readonly batches = new MicroBatches<Request, Registered>(MOST, AT_ONCE, LEAST, (id, requests) =>
    this.store(id, requests),
  );
  /** As last read: only which pepper to hash with is taken from it, and that is asked again under its lock. */
  private readonly known = new Map<string, Engagement>();

  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TakeIn) private readonly takeIn: TakeIn,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** @throws LeadRefused, IntakeClosed, Missing */
  async register(
    caller: Principal | KeyPrincipal,
    engagementId: string,
    claim: IdempotencyClaim,
    raw: RawLead,
    stated: StatedProvenance,
  ): Promise<Registered> {
    requireEngagement(caller, engagementId);
    const now = this.clock.now();
    const provenance = provenanceOf(stated, now);
    const decision = decide(raw, swedishDay(now));
    if (!decision.ok) {
      requireOpen(await this.opened(engagementId), provenance.ground, now);
      throw new LeadRefused(decision.reason, decision.field);
    }
    const dated = stated.obtainedAt !== undefined;
    return this.batches.add(engagementId, { caller, claim, person: decision.person, provenance, dated });
  }

  /** A batch; when it fails as a whole, each of its requests alone, so that nobody suffers for a neighbour. */
  private async store(engagementId: string, requests: readonly Request[]): Promise<Outcome<Registered>[]> {
    try {
      return await this.storeTogether(engagementId, requests, requests.length > 1 ? TWIN_IN_BATCH_MS : TWIN_MS);
    } catch (error) {
      if (requests.length === 1)
        return [{ error: sqlState(error) === '55P03' ? new IdempotencyKeyInUse({ cause: error }) : error }];
    }
    const outcomes: Outcome<Registered>[] = [];
    for (const request of requests) outcomes.push(...(await this.store(engagementId, [request])));
    return outcomes;
  }

  private async storeTogether(
    engagementId: string,
    requests: readonly Request[],
    twinMs: number,
  ): Promise<Outcome<Registered>[]> {
    for (let race = 1; ; race++) {
      const known = this.known.get(engagementId);
      const engagement = known ?? (await this.opened(engagementId));
      try {
        requireOpen(engagement, null, this.clock.now());
      } catch (error) {
        return requests.map(() => ({ error }));
      }
      this.known.set(engagementId, engagement);
      try {
        const people = requests.map(({ person }) => ({ person, rowHash: null }));
        const prepared = await this.takeIn.prepare(engagement, people);
        const batch = new Batch(engagementId, requests, prepared);
        return await this.db.together(
          scopeOf(engagementId),
          [...batch.claims(twinMs), sharedEngagement(engagementId), ...this.takeIn.lookUps(engagementId, prepared)],
          (tx, answers) => this.inTransaction(tx, batch, answers),
        );
      } catch (error) {
        // What was known may be old: its pepper may be gone with its engagement.
        this.known.delete(engagementId);
        // What was sent together with COMMIT fails as it is; the unique constraints there are those of a person.
        if (race === RACES || !(known || mayRunAgain(error) || isUniqueViolation(error))) throw error;
      }
    }
  }

  private async inTransaction(tx: EntityManager, batch: Batch, answers: object[][]): Promise<Outcome<Registered>[]> {
    const [, mine, , engagements, noes, ids] = answers;
    await batch.came(tx, mine!);
    const held = engagements![0] as Engagement | undefined;
    const now = this.clock.now();
    batch.refuse(({ provenance }) => requireOpen(held, provenance.ground, now));
    const ours = batch.open();
    if (held && ours.length) {
      const prepared = { ...batch.prepared, people: ours.map((i) => batch.prepared.people[i]!) };
      const provenance = (n: number) => batch.requests[ours[n]!]!.provenance;
      const looked = this.takeIn.looked(noes!, ids!);
      const taken = await this.takeIn.apply(tx, held, prepared, provenance, looked);
      for (const [n, i] of ours.entries()) batch.taken(i, taken[n]!);
    }
    const stored = batch.stored();
    if (stored.length) {
      withCommit(tx, provenancesStatement(batch.engagementId, batch.provenances()));
      this.audit.recordAtCommit(tx, batch.facts());
    }
    await batch.correctKeys(tx);
    return batch.outcomes();
  }

  /** The engagement, once its event has come: whoever opens one and sends a lead at once should not have to know about events. */
  async opened(engagementId: string): Promise<Engagement | undefined> {
    for (const until = Date.now() + OPENING_MS; ;) {
      const engagement = await this.db.withScope(noEngagement, (tx) => findEngagement(tx, engagementId));
      if (engagement || Date.now() > until) return engagement;
      await delay(50);
    }
  }
}
