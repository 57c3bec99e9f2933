import { AppError } from '@avtala/contracts';
import {
  SetMetadata,
  UnsupportedMediaTypeException,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import { isUtf8 } from 'node:buffer';

const DEEPEST = 20;
/** `__proto__`, `constructor`, `toString` …: Nest, class-transformer and class-validator pass over them without a word, so an unknown field of
 * such a name would not be refused (ASVS 15.3.6). */
const isForbidden = (key: string): boolean => key === 'prototype' || key in Object.prototype;

/** JSON that parses and that nothing of ours can mean: it would be stored altered, or not at all, or overflow somewhere. */
class JsonUnusable extends AppError {
  readonly code = 'json-unusable';
  readonly kind = 'invalid';
  constructor(problem: keyof typeof SENTENCES) {
    super(SENTENCES[problem], { problem });
  }
}
const SENTENCES = {
  'not-utf8': 'JSON is sent as UTF-8',
  'too-deep': `JSON may be ${DEEPEST} levels deep`,
  'forbidden-key': 'A field has a name that no field can have',
  'not-text': 'A text holds a NUL or half of a surrogate pair, which no text can hold',
  'not-a-number': 'A number is too large to be one',
} as const;

// The parser takes errors of `verify` for a 403 of its own; so it only leaves a note.
const notUtf8 = new WeakSet<IncomingMessage>();

/** `verify` of body-parser: without it, bytes that are no UTF-8 would come through as replacement characters. Needs `usableJson` behind it. */
export function verifyUtf8(request: IncomingMessage, _response: unknown, bytes: Buffer, encoding: string): void {
  if (encoding !== 'utf-8')
    throw Object.assign(new Error('charset'), { status: 415, type: 'charset.unsupported', expose: false });
  if (!isUtf8(bytes)) notUtf8.add(request);
}

/** Behind the JSON parser: refuses what PostgreSQL, canonical JSON or class-transformer could not take as it was sent. */
export function usableJson(): RequestHandler {
  return (request, _response, next) => {
    const problem = notUtf8.has(request)
      ? 'not-utf8'
      : Object.keys(request.query).some(isForbidden)
        ? 'forbidden-key'
        : problemIn(request.body);
    next(problem ? new JsonUnusable(problem) : undefined);
  };
}

/** What is wrong with a parsed JSON value, or null. Without recursion: its depth is what the client chose. */
function problemIn(value: unknown): keyof typeof SENTENCES | null {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value: v, depth } = next;
    if (typeof v === 'string' && !isText(v)) return 'not-text';
    if (typeof v === 'number' && !Number.isFinite(v)) return 'not-a-number'; // 1e999 parses as Infinity
    if (typeof v !== 'object' || v === null) continue;
    if (depth === DEEPEST) return 'too-deep';
    for (const [key, inner] of Object.entries(v)) {
      if (isForbidden(key)) return 'forbidden-key';
      if (!isText(key)) return 'not-text';
      open.push({ value: inner, depth: depth + 1 });
    }
  }
  return null;
}

const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

const RAW_BODY = 'avtala:raw-body';
/** The handler reads the request's stream itself, whatever type it is. */
export const RawBody = () => SetMetadata(RAW_BODY, true);

/** A body that is not JSON is answered 415, instead of being passed over as if there were none (ASVS 3.5.2). An interceptor, so that
 * whoever is not signed in learns that first. */
export class JsonOnly implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    if (context.getType() === 'http' && !Reflect.getMetadata(RAW_BODY, context.getHandler())) {
      const { headers, body } = context.switchToHttp().getRequest<Request>();
      const sent = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
      if (sent && body === undefined) throw new UnsupportedMediaTypeException();
    }
    return next.handle();
  }
}
