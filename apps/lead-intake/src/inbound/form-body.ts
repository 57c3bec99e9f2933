import { RequestInvalid } from '@avtala/http';
import type { Request } from 'express';
import { FormBodyRefused } from '../domain/form-errors.js';

const MOST_BYTES = 16_384;
const MOST_FIELDS = 30;

/** The fields of a form that a browser sends, or of the JSON a script does. @throws FormBodyRefused, RequestInvalid */
export async function formFields(request: Request): Promise<Record<string, unknown>> {
  if (request.is('application/json')) {
    const body: unknown = request.body;
    if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new FormBodyRefused();
    return body as Record<string, unknown>;
  }
  if (!request.is('application/x-www-form-urlencoded')) throw new FormBodyRefused();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) chunks.push(chunk); // the rest is read and dropped, so that the sender hears the answer
  }
  if (bytes > MOST_BYTES) throw new FormBodyRefused();
  return fieldsOf(Buffer.concat(chunks).toString('latin1'));
}

/** A field twice could be read one way here and another way elsewhere (ASVS 15.3.7). */
function fieldsOf(text: string): Record<string, string> {
  const fields = new Map<string, string>();
  const pairs = [...new URLSearchParams(text)];
  if (pairs.length > MOST_FIELDS) throw new FormBodyRefused();
  for (const [name, value] of pairs) {
    const unusable = fields.has(name) || name in Object.prototype || !value.isWellFormed() || value.includes('\0');
    if (unusable || value.includes('\uFFFD'))
      throw new RequestInvalid([{ field: name.slice(0, 64), rule: 'text', message: 'This field cannot be read' }]);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
