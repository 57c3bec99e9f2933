import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal, Note } from '../journal.js';
import type { Misbehaviours } from '../misbehave.js';
import type { Tokens } from '../tokens.js';
import { match, parseJson, Refusal, route, type Asked, type Params, type Reply, type Route } from '../web.js';
import { BulkJobs } from './bulk.js';
import type { Operation, SalesforceCall } from './call.js';
import { deleteCollection, readCollectionOf, updateCollection, upsertCollection } from './collections.js';
import { readHeader } from './duplicates.js';
import { Malformed, restError } from './errors.js';
import { splitAccount, TOKEN_PATH, tokenReply, userOf } from './oauth.js';
import type { Org } from './org.js';
import type { Orgs } from './orgs.js';
import * as single from './single.js';
import { emptyRecycleBin, fault, sessionOf } from './soap.js';

export const SALESFORCE_MISBEHAVIOURS = [
  ...['403-limit', '500', '503', 'timeout-after-commit', 'expired-token', 'invalid-grant', 'revoked'],
  ...['lies', 'slow', 'row-lock'],
] as const;

const DATA = '/services/data/v{version}';
const SOBJECT = `${DATA}/sobjects/{sobject}`;
const JOB = `${DATA}/jobs/ingest`;
const SOAP = '/services/Soap/u/{version}';

/** The Salesforce stand-in: one request from the edge to the journal. */
export class SalesforceServer {
  private readonly routes: readonly Route<Operation>[];
  /** Root of this server, as sessions are told; set once it listens. */
  instanceUrl = '';

  constructor(
    private readonly orgs: Orgs,
    private readonly tokens: Tokens,
    private readonly misbehaviours: Misbehaviours,
    private readonly journal: Journal,
  ) {
    const jobs = new BulkJobs();
    const on = (method: string, template: string, run: Operation) => route(method, template, run);
    this.routes = [
      on('GET', '/services/data', single.versions),
      on('GET', `${DATA}/limits`, single.limits),
      on('GET', `${DATA}/query`, single.query),
      on('GET', `${DATA}/queryAll`, single.queryAll),
      on('PATCH', `${DATA}/composite/sobjects/{sobject}/{field}`, upsertCollection),
      on('PATCH', `${DATA}/composite/sobjects`, updateCollection),
      on('DELETE', `${DATA}/composite/sobjects`, deleteCollection),
      on('GET', `${DATA}/composite/sobjects/{sobject}`, readCollectionOf),
      on('GET', `${DATA}/sobjects`, single.describeObjects),
      on('GET', `${SOBJECT}/describe`, single.describeObject),
      ...['updated', 'deleted'].map((kind) =>
        on('GET', `${SOBJECT}/${kind}`, (c) => single.changed({ ...c, params: { ...c.params, kind } })),
      ),
      on('POST', SOBJECT, single.createOne),
      on('GET', `${SOBJECT}/{id}`, single.readOne),
      on('PATCH', `${SOBJECT}/{id}`, single.updateOne),
      on('DELETE', `${SOBJECT}/{id}`, single.removeOne),
      on('PATCH', `${SOBJECT}/{field}/{value}`, single.upsertOne),
      on('GET', `${SOBJECT}/{field}/{value}`, single.readByKey),
      on('POST', JOB, jobs.open),
      on('PUT', `${JOB}/{job}/batches`, jobs.upload),
      on('PATCH', `${JOB}/{job}`, jobs.change),
      on('GET', `${JOB}/{job}`, jobs.look),
      on('GET', `${JOB}/{job}/{which}`, jobs.results),
      on('POST', SOAP, (c) => emptyRecycleBin(c.org, c.text, c.lies)),
    ];
  }

  handle(asked: Asked): Promise<Reply> {
    const found = match(this.routes, asked.method, asked.path);
    const template = asked.path === TOKEN_PATH ? TOKEN_PATH : (found?.[0].template ?? 'unknown');
    // Written with the object's name: tests switch a misbehaviour on for one of them.
    const where = `${asked.method} ${template.replace('{sobject}', found?.[1]['sobject'] ?? '{sobject}')}`;
    return this.journal.watch('salesforce', asked, template, (note) => this.serve(asked, where, found, note));
  }

  private async serve(
    asked: Asked,
    where: string,
    found: [Route<Operation>, Params] | undefined,
    note: Note,
  ): Promise<Reply> {
    const misbehave = (...kinds: string[]) => {
      const taken = this.misbehaviours.take(where, kinds);
      if (taken) note.verdict = taken.kind;
      return taken;
    };
    const slow = misbehave('slow');
    if (slow) await sleep(slow.ms ?? 3_000);
    const ill = misbehave('500', '503');
    if (ill) {
      const code = ill.kind === '503' ? 'SERVER_UNAVAILABLE' : 'UNKNOWN_EXCEPTION';
      return { status: Number(ill.kind), body: [{ errorCode: code, message: 'Server Scheduled Maintenance' }] };
    }
    if (asked.path === TOKEN_PATH) {
      const reply = await tokenReply(asked, this.orgs, this.tokens, {
        broken: misbehave('invalid-grant') !== undefined,
        instanceUrl: this.instanceUrl,
      });
      const late = misbehave('timeout-after-commit');
      return late ? { status: 0, drop: late.ms ?? 15_000 } : reply;
    }
    const soap = found?.[0].template === SOAP;
    const org = await this.authenticate(asked, soap, misbehave);
    org.inFlight += 1;
    try {
      return await this.inOrg(org, asked, found, note, misbehave, soap);
    } finally {
      org.inFlight -= 1;
    }
  }

  private async inOrg(
    org: Org,
    asked: Asked,
    found: [Route<Operation>, Params] | undefined,
    note: Note,
    misbehave: (...kinds: string[]) => { kind: string; ms?: number } | undefined,
    soap: boolean,
  ): Promise<Reply> {
    const told = misbehave('403-limit') !== undefined;
    const crowded = org.inFlight > org.settings.concurrent;
    const left = told || crowded ? false : org.takeCall();
    const headers = { 'Sforce-Limit-Info': `api-usage=${org.used}/${org.settings.dailyLimit}` };
    if (!left) {
      if (!told) org.counts.limitViolations += 1;
      const message = crowded ? 'ConcurrentRequests Limit exceeded.' : 'TotalRequests Limit exceeded.';
      if (soap)
        return { ...fault('REQUEST_LIMIT_EXCEEDED', message), headers: { 'content-type': 'text/xml', ...headers } };
      return { status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message }], headers };
    }
    try {
      if (!found) throw new Malformed(404, 'NOT_FOUND', 'no such operation');
      const reply = await found[0].run(this.call(org, asked, found[1], misbehave));
      const late = asked.method === 'GET' ? undefined : misbehave('timeout-after-commit');
      return late ? { status: 0, drop: late.ms ?? 15_000 } : { ...reply, headers: { ...reply.headers, ...headers } };
    } catch (error) {
      if (error instanceof Malformed) {
        note.verdict = 'contract-violation';
        note.violations = [`${error.errorCode}: ${error.rule}`];
        return { status: error.status, body: [{ errorCode: error.errorCode, message: error.rule }], headers };
      }
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal({ ...error.reply, headers: { ...error.reply.headers, ...headers } });
    }
  }

  private call(
    org: Org,
    asked: Asked,
    params: Params,
    misbehave: (...kinds: string[]) => object | undefined,
  ): SalesforceCall {
    const json = asked.text !== '' && /json/.test(asked.headers['content-type'] ?? '');
    const malformed = () => restError(400, 'JSON_PARSER_ERROR', 'Unexpected character');
    return {
      ...{ org, orgs: this.orgs, params, query: asked.query, text: asked.text },
      body: json ? parseJson(asked.text, malformed) : undefined,
      uriLength: asked.path.length + asked.query.toString().length,
      writer: {
        by: userOf(org),
        at: this.orgs.iso(),
        duplicates: readHeader(asked.headers['sforce-duplicate-rule-header']),
      },
      lies: () => misbehave('lies') !== undefined,
      locked: () => misbehave('row-lock') !== undefined,
    };
  }

  /** @throws Refusal 401 INVALID_SESSION_ID; in SOAP, a fault of that name */
  private async authenticate(
    asked: Asked,
    soap: boolean,
    misbehave: (...kinds: string[]) => object | undefined,
  ): Promise<Org> {
    const refusal = new Refusal(
      soap
        ? fault('INVALID_SESSION_ID', 'Invalid Session ID found in SessionHeader')
        : { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }] },
    );
    const token = soap ? `Bearer ${sessionOf(asked.text) ?? ''}` : asked.headers.authorization;
    const checked = this.tokens.check('salesforce', token);
    if (misbehave('expired-token') || typeof checked !== 'object') throw refusal;
    const { org: name, grant = 'jwt' } = splitAccount(checked.account);
    const org = await this.orgs.org(name);
    if (misbehave('revoked')) await org.setGrant(grant, null);
    if (org.grant(grant) === null) throw refusal;
    return org;
  }
}
