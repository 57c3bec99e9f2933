import { Refusal } from '../web.js';

/** The vendor's error body, to be thrown. */
export function googleError(code: number, reason: string, message: string, domain = 'global'): Refusal {
  const body = { error: { errors: [{ domain, reason, message }], code, message } };
  return new Refusal({ status: code, body });
}

/** A request the vendor's own types would not allow; also counted as a contract violation. */
export class BadEvent extends Error {
  constructor(readonly rule: string) {
    super(rule);
  }
}
