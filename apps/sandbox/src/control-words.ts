import { parseJson, Refusal, type Asked, type Params } from './web.js';

/** Answers one path of the control API: a value is a 200, a Reply is itself. */
export type Handler = (asked: Asked, params: Params) => unknown;

/** @throws Refusal 400 for anything but a JSON object */
export function bodyOf(asked: Asked): Record<string, unknown> {
  const invalid = () => refuse(400, 'invalid-json', 'The body must be a JSON object');
  const body = parseJson(asked.text, invalid);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid();
  return body as Record<string, unknown>;
}

export function refuse(status: number, code: string, message: string): Refusal {
  return new Refusal({ status, body: { code, message } });
}
