import { Refusal } from '../web.js';

/** What went wrong with one record. Like the vendor's, its text may echo what was sent. */
export interface ItemError {
  statusCode: string;
  message: string;
  fields: string[];
  duplicateResult?: unknown;
}

export const itemError = (statusCode: string, message: string, fields: string[] = []): ItemError => ({
  statusCode,
  message,
  fields,
});

/** The vendor's error body: always a list. */
export const restError = (
  status: number,
  errorCode: string,
  message: string,
  more: { fields?: string[]; duplicateResult?: unknown } = {},
): Refusal => {
  const { duplicateResult, ...rest } = more;
  // The single-record resource spells it like this.
  const spelled = duplicateResult ? { duplicateResut: duplicateResult } : {};
  return new Refusal({ status, body: [{ ...spelled, ...rest, errorCode, message }] });
};

/** A request that no careful client sends: counted, unlike refusals that depend on the org's own rules. */
export class Malformed extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    /** Names the rule, never a value. */
    readonly rule: string,
  ) {
    super(rule);
  }
}
