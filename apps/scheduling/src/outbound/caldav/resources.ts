import { RetryLater } from '@avtala/contracts';
import { createHash } from 'node:crypto';
import type { DAVResponse } from 'tsdav';
import { CalendarRefused, type CaldavAccess } from '../host-calendar.js';
import { first, parseICal } from '../icalendar/ical.js';
import { zoneOf } from '../icalendar/ical-zones.js';
import { AnswerRefused } from './xml-guard.js';

/** One calendar resource as the server holds it. */
export interface Resource {
  href: string;
  etag: string;
  text: string;
}

export const headersOf = (a: { username: string; password: string }): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${a.username}:${a.password}`).toString('base64')}`,
});

export const pathOf = (href: string, a: CaldavAccess): string => new URL(href, a.calendarUrl).pathname;

/** Ours keep the id we gave; of the others a name is enough, and their addresses may hold people's names. */
export function itemOf(href: string): string {
  const name = /([^/]+)\.ics$/.exec(href)?.[1] ?? '';
  return /^[a-v0-9]{26}(v\d+)?$/.test(name) ? name : createHash('sha256').update(href).digest('base64url').slice(0, 22);
}

/** @throws RetryLater, CalendarRefused, AnswerRefused a resource that is not shown: what is not shown is not free */
export function resourcesIn(answers: DAVResponse[], a: CaldavAccess): Resource[] {
  return answers.flatMap((r) => {
    if (!r.href) {
      if (r.ok) return []; // an answer with nothing in it
      throw r.status >= 500 ? new RetryLater(`caldav-${r.status}`) : new CalendarRefused(`caldav-${r.status}`);
    }
    if (r.status === 404) return [];
    const text = textOf(r.props?.['calendarData']);
    if (!r.ok || !text) throw new AnswerRefused('caldav-answer-unreadable');
    return [{ href: pathOf(r.href, a), etag: textOf(r.props?.['getetag']), text }];
  });
}

export const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** tsdav makes numbers and dates of what looks like one, and an object of CDATA. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  const inner = value as { _cdata?: unknown; _text?: unknown } | null | undefined;
  return inner?._cdata === undefined && inner?._text === undefined ? '' : textOf(inner._cdata ?? inner._text);
}

/** The zone a collection's calendar-timezone describes. @throws EntryUnreadable */
export function zoneIn(text: string): string {
  const calendar = parseICal(text);
  const described = calendar.components.find((c) => c.name === 'VTIMEZONE');
  return zoneOf((described && first(described, 'TZID')?.value) ?? '', calendar);
}
