import type { AuditFact, KeyPrincipal, Principal } from '@avtala/access';
import type { Statement } from '@avtala/database';
import {
  claimsOf,
  claimStatements,
  IdempotencyKeyInUse,
  nameOfClaim,
  releaseKeys,
  settleKeys,
  type Claimed,
  type ExpectedAnswer,
  type IdempotencyClaim,
} from '@avtala/http';
import type { EntityManager } from 'typeorm';
import { LeadRefused } from '../domain/errors.js';
import type { Person } from '../domain/intake.js';
import type { Provenance } from '../storage/provenance.js';
import type { Outcome } from './micro-batches.js';
import type { Prepared, TakenIn } from './take-in.js';

export interface Registered {
  id: string;
  outcome: 'accepted' | 'merged';
}

export interface Request {
  readonly caller: Principal | KeyPrincipal;
  readonly claim: IdempotencyClaim;
  readonly person: Person;
  readonly provenance: Provenance;
  /** The caller said when the data was obtained; else it was now. */
  readonly dated: boolean;
}

type TakenLead = Extract<TakenIn, { leadId: string }>;

interface Stored {
  readonly request: Request;
  readonly taken: TakenLead;
}

/** Requests that share a transaction, and what becomes of each. Their keys are claimed with the answer that nearly all of them get: accepted, under
 * the id that was made ahead. */
export class Batch {
  private readonly ends: (Outcome<Registered> | undefined)[];
  private readonly kept: (Stored | undefined)[] = [];
  private readonly asked: number[];
  /** Ours, and refused: their keys may be used again. */
  private readonly refused: number[] = [];

  readonly requests: readonly Request[];

  constructor(
    readonly engagementId: string,
    requests: readonly Request[],
    readonly prepared: Prepared,
  ) {
    this.requests = withSharedProvenance(requests);
    // Of requests with one key the first is worked on; the others wait for it.
    const first = new Set<string>();
    this.ends = requests.map(({ claim }) => {
      const name = nameOfClaim(claim);
      if (first.has(name)) return 'later';
      first.add(name);
      return undefined;
    });
    this.asked = this.open();
  }

  /** Numbers of the requests whose outcome is not known yet. */
  open(): number[] {
    return [...this.requests.keys()].filter((i) => !this.ends[i]);
  }

  /** Statements that claim the keys; {@link came} reads the answer to the second. */
  claims(waitMs: number): Statement[] {
    const expected = this.asked.map((i) =>
      this.answer(i, { outcome: 'accepted', leadId: this.prepared.people[i]!.ready.id }),
    );
    return claimStatements(expected, this.engagementId, waitMs);
  }

  async came(tx: EntityManager, mine: readonly object[]): Promise<void> {
    const claims = this.asked.map((i) => this.requests[i]!.claim);
    const came = await claimsOf(tx, claims, mine);
    for (const [n, i] of this.asked.entries()) this.ends[i] = outcomeOf(came[n] ?? null);
  }

  /** @param check throws for a request that is refused */
  refuse(check: (request: Request) => void): void {
    for (const i of this.open()) {
      try {
        check(this.requests[i]!);
      } catch (error) {
        this.ends[i] = { error };
        this.refused.push(i);
      }
    }
  }

  taken(i: number, what: TakenIn): void {
    if (what.outcome === 'refused') {
      this.ends[i] = { error: new LeadRefused(what.reason, null) };
      this.refused.push(i);
    } else {
      this.ends[i] = { value: { id: what.leadId, outcome: what.outcome } };
      this.kept[i] = { request: this.requests[i]!, taken: what };
    }
  }

  stored(): Stored[] {
    return this.kept.filter((s) => s !== undefined);
  }

  /** Of the stored ones, each once. */
  provenances(): Provenance[] {
    return [...new Map(this.stored().map(({ request: { provenance } }) => [provenance.id, provenance])).values()];
  }

  /** One entry for each lead; those that say the same of who did what are one fact. */
  facts(): AuditFact[] {
    const alike = Map.groupBy(this.stored(), ({ request, taken }) =>
      [taken.outcome, nameOfCaller(request.caller), ...Object.keys(request.person.contact)].join(' '),
    );
    return [...alike.values()].map((entries) => ({
      action: `lead.${entries[0]!.taken.outcome}`,
      principal: entries[0]!.request.caller,
      engagementId: this.engagementId,
      subjectIds: entries.map((e) => e.taken.leadId),
      fields: Object.keys(entries[0]!.request.person.contact),
    }));
  }

  /** Keys whose requests came to another end than was written when they were claimed. */
  async correctKeys(tx: EntityManager): Promise<void> {
    const others = this.kept.flatMap((s, i) =>
      s && s.taken.leadId !== this.prepared.people[i]!.ready.id ? [this.answer(i, s.taken)] : [],
    );
    await settleKeys(tx, others);
    await releaseKeys(
      tx,
      this.refused.map((i) => this.requests[i]!.claim),
    );
  }

  outcomes(): Outcome<Registered>[] {
    return this.ends.map((outcome) => outcome!);
  }

  private answer(i: number, { outcome, leadId }: TakenLead): ExpectedAnswer {
    return { claim: this.requests[i]!.claim, status: outcome === 'accepted' ? 201 : 200, resourceId: leadId, leadId };
  }
}

/** Leads of which the same is said, and that came in the same moment, have one provenance: when it was obtained is the last one's now. */
function withSharedProvenance(requests: readonly Request[]): Request[] {
  const said = requests.map(({ dated, provenance: { source, supplier, ground, obtainedAt, consent } }) =>
    JSON.stringify([source, supplier, ground, consent, dated && obtainedAt]),
  );
  const last = new Map(said.map((what, i) => [what, requests[i]!.provenance]));
  return requests.map((request, i) => ({ ...request, provenance: last.get(said[i]!)! }));
}

/** Tells two callers as an entry names them: the same person in another session is another. */
const nameOfCaller = (caller: Principal | KeyPrincipal): string =>
  caller.kind === 'key' ? caller.keyId : `${caller.sessionId} ${caller.role}`;

function outcomeOf(came: Claimed): Outcome<Registered> | undefined {
  if (came === null) return undefined;
  if (came instanceof Error) return { error: came };
  // Committed without an answer: no transaction of ours ends like that.
  if (!came.resourceId) return { error: new IdempotencyKeyInUse() };
  return { value: { id: came.resourceId, outcome: came.status === 201 ? 'accepted' : 'merged' } };
}
