import { randomUUID } from 'node:crypto';
import { Refusal } from '../web.js';

/** An entry of `errors` in a 207 or a batch answer. Like the vendor's, its text may echo what was sent. */
export interface ItemError {
  status: 'error';
  category: string;
  message: string;
  context: Record<string, string[]>;
  errors: { message: string; code: string; in: string }[];
  links: Record<string, string>;
}

export function itemError(category: string, message: string, context: Record<string, string[]> = {}): ItemError {
  return { status: 'error', category, message, context, errors: [], links: {} };
}

/** The vendor's error body, to be thrown. */
export function vendorError(
  status: number,
  category: string,
  message: string,
  more: { errors?: unknown[]; context?: Record<string, string[]>; headers?: Record<string, string> } = {},
): Refusal {
  const { headers, ...rest } = more;
  return new Refusal({
    status,
    body: { status: 'error', message, correlationId: randomUUID(), category, ...rest },
    ...(headers ? { headers } : {}),
  });
}

export const notFound = (what = 'resource'): Refusal =>
  vendorError(404, 'OBJECT_NOT_FOUND', `Object not found. ${what} does not exist`);
