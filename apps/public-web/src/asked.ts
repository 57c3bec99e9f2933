import { LANGUAGES, type PageLanguage } from '@avtala/page';
import type { Request } from 'express';
import { startOf } from './times.js';
import { isZone } from './zones.js';
import type { Choice } from './pages/frame.js';

const one = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A field of a form or of an address, once; anything else counts as not there. */
export function fieldOf(request: Request, name: string): string | undefined {
  return one((request.body as Record<string, unknown> | undefined)?.[name]) ?? one(request.query[name]);
}

/** Language asked for in the address or the form; where a link says none, the browser's. */
export function languageOf(request: Request): PageLanguage {
  return saidLanguage(request) ?? ((request.acceptsLanguages([...LANGUAGES]) || 'sv') as PageLanguage);
}

const saidLanguage = (request: Request): PageLanguage | undefined =>
  LANGUAGES.find((l) => l === fieldOf(request, 'lang'));

/** The visitor's choices, and the link's where there are none. What cannot be read is passed over: nobody typed it. */
export function choiceOf(request: Request, view: { language: string; timeZone: string }): Choice {
  const language = saidLanguage(request);
  const zone = fieldOf(request, 'zone');
  const saidZone = zone !== undefined && isZone(zone) && zone !== view.timeZone;
  return {
    language: language ?? (view.language === 'en' ? 'en' : 'sv'),
    saidLanguage: language !== undefined,
    zone: saidZone ? zone : view.timeZone,
    saidZone,
    from: dayIn(fieldOf(request, 'from')),
  };
}

function dayIn(text: string | undefined): Temporal.PlainDate | undefined {
  if (!text || !/^2\d{3}-\d{2}-\d{2}$/.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}

/** The start that was chosen. */
export const startIn = (request: Request): Temporal.Instant | undefined => startOf(fieldOf(request, 'at'));
