import { createHmac, createSecretKey } from 'node:crypto';
import type { IsOurs, Link } from '../domain/records.js';

/** HMAC of a value we wrote into a property; tells later whether a value found there is ours, and dies with the lead's key. */
export type Mark = (property: string, value: string) => string;

/** @param linkKey base64url, from the contact door; used and never stored (protocols.md §2) */
export function marker(linkKey: string): Mark {
  const key = createSecretKey(Buffer.from(linkKey, 'base64url'));
  return (property, value) => {
    const text = value.normalize('NFC').trim();
    return createHmac('sha256', key)
      .update(`${property}\0${property.toLowerCase() === 'email' ? text.toLowerCase() : text}`)
      .digest('base64url');
  };
}

export const isOursBy =
  (marks: Link['marks'], mark: Mark): IsOurs =>
  (property, value) =>
    marks[property]?.includes(mark(property, value)) ?? false;

/** The same for writing: what the client once made theirs is not ours to change, even where our value stands there again. */
export function mayChange(link: Link | undefined, mark: Mark): IsOurs {
  const isOurs = isOursBy(link?.marks ?? {}, mark);
  return (property, value) => !link?.theirs?.includes(property) && isOurs(property, value);
}

/** Marks before a write: what stood there may be ours or, after the write, the new value. */
export function withIntended(
  marks: Link['marks'],
  properties: Readonly<Record<string, string>>,
  mark: Mark,
): Link['marks'] {
  const added = Object.entries(properties).map(([p, v]): [string, string[]] => [
    p,
    [...new Set([...(marks[p] ?? []), mark(p, v)])],
  ]);
  return { ...marks, ...Object.fromEntries(added) };
}

/** Marks after a write that was answered: the value sent, and as the vendor spelled it. */
export function withWritten(
  marks: Link['marks'],
  properties: Readonly<Record<string, string>>,
  echoed: Readonly<Record<string, string>>,
  mark: Mark,
): Link['marks'] {
  const written = Object.entries(properties).map(([p, v]): [string, string[]] => [
    p,
    [...new Set([mark(p, v), ...(echoed[p] === undefined || echoed[p] === v ? [] : [mark(p, echoed[p])])])],
  ]);
  return { ...marks, ...Object.fromEntries(written) };
}
