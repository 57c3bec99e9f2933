import { requireEngagement, AuditTrail, type KeyPrincipal, type Principal } from '@avtala/access';
import { Db, noEngagement, scopeOf, sqlState } from '@avtala/database';
import {
  claimKeys,
  IdempotencyKeyInUse,
  nameOfClaim,
  releaseKeys,
  settleKeys,
  type Claimed,
  type IdempotencyClaim,
} from '@avtala/http';
import { Clock, swedishDay } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Person, RawLead } from '../domain/intake.js';
import { LeadRefused } from '../domain/errors.js';
import { findEngagement, type Engagement } from '../storage/engagement.js';
import { insertProvenances, type Provenance } from '../storage/provenance.js';
import { MicroBatches, type Outcome } from './micro-batches.js';
import { decide } from './people.js';
import { provenanceOf, requireOpen, type StatedProvenance } from './provenance.js';
import { mayRunAgain, TakeIn, type Prepared, type TakenIn } from './take-in.js';

const RACES = 5;
/** How long a request waits for the event of an engagement that was opened a moment ago. */
const OPENING_MS = 2_000;
/** Requests of one transaction. */
const MOST = 64;
/** Transactions of one engagement under way in this process. */
const AT_ONCE = 4;
/** How long a request waits for its twin under the same key in another process; for others' sake, a batch waits less. */
const TWIN_MS = 5_000;
const TWIN_IN_BATCH_MS = 200;

export interface Registered {
  id: string;
  outcome: 'accepted' | 'merged';
}

interface Request {
  readonly caller: Principal | KeyPrincipal;
  readonly claim: IdempotencyClaim;
  readonly person: Person;
  readonly provenance: Provenance;
}

/** Takes single leads in: requests that come together share a transaction, and each has its own outcome. */
@Injectable()
export class Intake {
  private readonly batches = new MicroBatches<Request, Registered>(MOST, AT_ONCE, (id, requests) =>
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
    return this.batches.add(engagementId, { caller, claim, person: decision.person, provenance });
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
        return await this.db.withScope(scopeOf(engagementId), (tx) =>
          this.inTransaction(tx, engagementId, requests, prepared, twinMs),
        );
      } catch (error) {
        // What was known may be old: its pepper may be gone with its engagement.
        this.known.delete(engagementId);
        if (race === RACES || !(known || mayRunAgain(error))) throw error;
      }
    }
  }

  private async inTransaction(
    tx: EntityManager,
    engagementId: string,
    requests: readonly Request[],
    prepared: Prepared,
    twinMs: number,
  ): Promise<Outcome<Registered>[]> {
    const outcomes: (Outcome<Registered> | undefined)[] = laterTwins(requests);
    const open = () => [...requests.keys()].filter((i) => !outcomes[i]);

    const asked = open();
    const came = await claimKeys(
      tx,
      asked.map((i) => requests[i]!.claim),
      twinMs,
    );
    for (const [n, i] of asked.entries()) outcomes[i] = answerOf(came[n] ?? null);

    const held = await findEngagement(tx, engagementId, 'share');
    const refused: number[] = [];
    for (const i of open()) {
      try {
        requireOpen(held, requests[i]!.provenance.ground, this.clock.now());
      } catch (error) {
        outcomes[i] = { error };
        refused.push(i);
      }
    }
    const ours = open();
    const taken = held
      ? await this.takeIn.apply(
          tx,
          held,
          { ...prepared, people: ours.map((i) => prepared.people[i]!) },
          (n) => requests[ours[n]!]!.provenance,
        )
      : [];
    const stored: { request: Request; taken: Extract<TakenIn, { leadId: string }> }[] = [];
    for (const [n, i] of ours.entries()) {
      const what = taken[n]!;
      if (what.outcome === 'refused') {
        outcomes[i] = { error: new LeadRefused(what.reason, null) };
        refused.push(i);
      } else {
        outcomes[i] = { value: { id: what.leadId, outcome: what.outcome } };
        stored.push({ request: requests[i]!, taken: what });
      }
    }
    await this.record(tx, engagementId, stored);
    await releaseKeys(
      tx,
      refused.map((i) => requests[i]!.claim),
    );
    return outcomes.map((outcome) => outcome!);
  }

  /** Provenance, audit and answers of what was stored. */
  private async record(
    tx: EntityManager,
    engagementId: string,
    stored: readonly { request: Request; taken: Extract<TakenIn, { leadId: string }> }[],
  ): Promise<void> {
    await insertProvenances(
      tx,
      engagementId,
      stored.map(({ request }) => request.provenance),
    );
    // One entry for each lead; those that say the same of who did what are written together.
    const alike = Map.groupBy(stored, ({ request, taken }) =>
      JSON.stringify([taken.outcome, request.caller, Object.keys(request.person.contact)]),
    );
    for (const entries of alike.values()) {
      const { request, taken } = entries[0]!;
      await this.audit.record(tx, {
        action: `lead.${taken.outcome}`,
        principal: request.caller,
        engagementId,
        subjectIds: entries.map((e) => e.taken.leadId),
        fields: Object.keys(request.person.contact),
      });
    }
    const settled = stored.map(({ request, taken: { outcome, leadId } }) => ({
      claim: request.claim,
      status: outcome === 'accepted' ? 201 : 200,
      resourceId: leadId,
      leadId,
    }));
    await settleKeys(tx, settled, engagementId);
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

/** Of requests with one key the first is worked on; the others wait for it. */
function laterTwins(requests: readonly Request[]): (Outcome<Registered> | undefined)[] {
  const names = requests.map((r) => nameOfClaim(r.claim));
  return names.map((name, i) => (names.indexOf(name) < i ? 'later' : undefined));
}

function answerOf(came: Claimed): Outcome<Registered> | undefined {
  if (came === null) return undefined;
  if (came instanceof Error) return { error: came };
  // Committed without an answer: no transaction of ours ends like that.
  if (!came.resourceId) return { error: new IdempotencyKeyInUse() };
  return { value: { id: came.resourceId, outcome: came.status === 201 ? 'accepted' : 'merged' } };
}
