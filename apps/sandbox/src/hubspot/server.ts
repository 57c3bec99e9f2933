import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal, Note } from '../journal.js';
import type { Misbehaviours } from '../misbehave.js';
import type { Tokens } from '../tokens.js';
import { match, parseJson, Refusal, route, type Asked, type Reply, type Route } from '../web.js';
import type { Accounts } from './accounts.js';
import { linkDefault, linkDefaultBatch, readLinks, unlinkBatch, unlinkOne } from './associations.js';
import { createBatch, readBatch, updateBatch, upsertBatch } from './batches.js';
import { typeOf, type Operation } from './call.js';
import { TEMPLATES } from './contract.js';
import type { FrontDoor } from './front-door.js';
import { tooMany } from './limits.js';
import { merge } from './merging.js';
import { accountDetails } from './account-info.js';
import { splitAccount, TOKEN_PATH, tokenReply } from './oauth.js';
import { createProperty, listGroups, listProperties, readProperty } from './properties.js';
import { archiveBatch, deletePermanently } from './removal.js';
import { search } from './search.js';
import { archiveOne, createOne, readOne, readPage, updateOne } from './single.js';
import { vendorError } from './vendor-error.js';

export const HUBSPOT_MISBEHAVIOURS = [
  ...[
    '429',
    '429-daily',
    '500',
    '502',
    '503',
    'timeout-after-commit',
    'expired-token',
    'invalid-grant',
    'lies',
    'slow',
  ],
] as const;

/** In the order of TEMPLATES. */
const OPERATIONS: readonly Operation[] = [
  ...[createBatch, readBatch, updateBatch, upsertBatch, archiveBatch, search, deletePermanently, merge],
  ...[readPage, createOne, readOne, updateOne, archiveOne, linkDefault, unlinkOne],
  ...[linkDefaultBatch, readLinks, unlinkBatch, listProperties, createProperty, listGroups, readProperty],
  accountDetails,
];

const ROUTES: readonly Route<Operation>[] = TEMPLATES.map(([method, template], i) =>
  route(method, template, OPERATIONS[i] as Operation),
);

/** The HubSpot stand-in: one request from the edge to the journal. */
export class HubSpotServer {
  constructor(
    private readonly accounts: Accounts,
    private readonly door: FrontDoor,
    private readonly tokens: Tokens,
    private readonly misbehaviours: Misbehaviours,
    private readonly journal: Journal,
  ) {}

  handle(asked: Asked): Promise<Reply> {
    const found = match(ROUTES, asked.method, asked.path);
    const template = asked.path === TOKEN_PATH ? TOKEN_PATH : (found?.[0].template ?? 'unknown');
    return this.journal.watch('hubspot', asked, template, (note) => this.serve(asked, template, found, note));
  }

  private async serve(
    asked: Asked,
    template: string,
    found: ReturnType<typeof match<Operation>>,
    note: Note,
  ): Promise<Reply> {
    const where = `${asked.method} ${template}`;
    const misbehave = (...kinds: string[]) => {
      const taken = this.misbehaviours.take(where, kinds);
      if (taken) note.verdict = taken.kind;
      return taken;
    };
    const slow = misbehave('slow');
    if (slow) await sleep(slow.ms ?? 3_000);
    else if (this.accounts.settings.latencyMs > 0) await sleep(this.accounts.settings.latencyMs);
    const ill = misbehave('500', '502', '503');
    if (ill) return { status: Number(ill.kind), body: { status: 'error', message: 'internal error' } };
    if (template === TOKEN_PATH) {
      this.checkContract(asked, 'oauth', note);
      return tokenReply(asked, this.tokens, misbehave('invalid-grant') !== undefined);
    }

    const { portal, clientId } = this.authenticate(asked, misbehave('expired-token') !== undefined);
    const account = await this.accounts.portal(portal);
    const told = misbehave('429', '429-daily');
    const policy = told
      ? told.kind === '429-daily'
        ? 'DAILY'
        : 'TEN_SECONDLY_ROLLING'
      : account.rate.take(template.endsWith('/search') ? 'search' : 'other');
    const headers = account.rate.headers();
    if (policy) throw new Refusal({ ...tooMany(policy), headers: { ...tooMany(policy).headers, ...headers } });
    if (!found) {
      this.violated(note, ['no such operation']);
      throw new Refusal({ status: 404, body: { status: 'error', message: 'resource not found' }, headers });
    }
    const [{ run }, params] = found;
    try {
      const kind = template.startsWith('/crm/properties')
        ? 'properties'
        : template.startsWith('/account-info')
          ? 'account'
          : /association/.test(template)
            ? 'associations'
            : typeOf(params['objectType']);
      this.checkContract(asked, kind, note);
      await this.accounts.purgeDue();
      const reply = await run({
        ...{ portal: account, params, query: asked.query, body: bodyOf(asked), settings: this.accounts.settings },
        ...{ author: { sourceType: 'INTEGRATION', sourceId: clientId }, at: this.accounts.iso() },
        mark: (address) => this.tokens.mac(address),
        lies: () => misbehave('lies') !== undefined,
      });
      const late = asked.method === 'GET' ? undefined : misbehave('timeout-after-commit');
      if (late) return { status: 0, drop: late.ms ?? 15_000 };
      return { ...reply, headers: { ...reply.headers, ...headers } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal({ ...error.reply, headers: { ...error.reply.headers, ...headers } });
    }
  }

  private authenticate(asked: Asked, expired: boolean): { portal: string; clientId: string } {
    const checked = this.tokens.check('hubspot', asked.headers.authorization);
    if (typeof checked === 'object' && !expired) return splitAccount(checked.account);
    const old = expired || checked === 'expired';
    throw vendorError(
      401,
      old ? 'EXPIRED_AUTHENTICATION' : 'INVALID_AUTHENTICATION',
      old ? 'The OAuth token used to make this call expired' : 'Authentication credentials not found or not valid',
    );
  }

  private checkContract(asked: Asked, kind: string, note: { verdict: string; violations?: string[] }): void {
    const violations = this.door.violations(asked, kind);
    if (violations.length === 0) return;
    this.violated(note, violations);
    throw vendorError(400, 'VALIDATION_ERROR', `Invalid input JSON: ${violations.join('; ')}`);
  }

  private violated(note: { verdict: string; violations?: string[] }, violations: string[]): void {
    note.verdict = 'contract-violation';
    note.violations = violations.slice(0, 10);
  }
}

function bodyOf(asked: Asked): unknown {
  if (asked.text === '') return undefined;
  return parseJson(asked.text, () => vendorError(400, 'VALIDATION_ERROR', 'Invalid input JSON'));
}
