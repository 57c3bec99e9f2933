import type { Params, Reply } from '../web.js';
import type { Org } from './org.js';
import type { Orgs } from './orgs.js';
import type { Writer } from './writing.js';

/** One request that has passed the front door. */
export interface SalesforceCall {
  org: Org;
  orgs: Orgs;
  writer: Writer;
  params: Params;
  query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  body: unknown;
  text: string;
  uriLength: number;
  /** Whether this deletion is to be answered with a success and not done. */
  lies(): boolean;
  /** Whether this record is locked by somebody else for the moment. */
  locked(): boolean;
}

export type Operation = (call: SalesforceCall) => Promise<Reply>;
