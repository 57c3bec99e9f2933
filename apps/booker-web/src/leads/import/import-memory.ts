import { useSyncExternalStore } from 'react';
import type { Ground } from '../lead-filters.js';
import type { Preview } from './file-preview.js';

export interface Consent {
  readonly version: string;
  readonly wording: string;
  readonly how: string;
  /** Calendar day. */
  readonly givenOn: string;
  readonly proof: string;
}

/** What B2 and B3 ask for, as it is typed. */
export interface Origin {
  readonly engagementId: string;
  readonly source: string;
  readonly supplier: string;
  readonly ground: Ground | '';
  /** Calendar day; empty is today. */
  readonly obtainedOn: string;
  readonly consent: Consent;
}

interface Memory {
  readonly file?: File;
  readonly preview?: Preview;
  readonly origin: Origin;
  /** One for each file: sent again after a lost answer, it is taken in once. */
  readonly key?: string;
}

export const EMPTY: Origin = {
  engagementId: '',
  source: '',
  supplier: '',
  ground: '',
  obtainedOn: '',
  consent: { version: '', wording: '', how: '', givenOn: '', proof: '' },
};

// The tab's memory, so that a look at another screen loses nothing; never storage. From step 3 on the server keeps it.
let memory: Memory = { origin: EMPTY };
const heard = new Set<() => void>();
const set = (next: Memory) => {
  memory = next;
  for (const listener of heard) listener();
};

export function keepFile(file: File | undefined, preview: Preview | undefined): void {
  const { origin } = memory;
  set({ origin, ...(file && preview ? { file, preview, key: crypto.randomUUID() } : {}) });
}
export function keepOrigin(origin: Origin): void {
  // Sent somewhere else it is another act, and gets another key.
  const same = origin.engagementId === memory.origin.engagementId && origin.supplier === memory.origin.supplier;
  set({ ...memory, origin, ...(same || !memory.key ? {} : { key: crypto.randomUUID() }) });
}
/** The file is with the server: only its first rows are kept here, as examples. */
export const forgetFile = (): void => {
  const { preview } = memory;
  set({ origin: EMPTY, ...(preview ? { preview } : {}) });
};

export const useMemory = (): Memory =>
  useSyncExternalStore(
    (listener) => {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    () => memory,
  );

const midnight = (day: string) =>
  Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: 'Europe/Stockholm' }).toInstant().toString();

/** As the API wants it. */
export function statedOf(o: Origin) {
  return {
    source: o.source.trim(),
    ground: o.ground as Ground,
    ...(o.supplier.trim() ? { supplier: o.supplier.trim() } : {}),
    ...(o.obtainedOn ? { obtainedAt: midnight(o.obtainedOn) } : {}),
    ...(o.ground === 'consent'
      ? {
          consentWording: {
            version: o.consent.version.trim(),
            wording: o.consent.wording.trim(),
            how: o.consent.how.trim(),
            givenAt: midnight(o.consent.givenOn),
            proof: o.consent.proof.trim(),
          },
        }
      : {}),
  };
}

/** As it is kept with the file: unfinished is fine. */
export function draftOf(o: Origin) {
  const { version, wording, how, givenOn, proof } = o.consent;
  return {
    source: o.source,
    supplier: o.supplier,
    ground: o.ground,
    obtainedAt: o.obtainedOn,
    consentWording: { version, wording, how, givenAt: givenOn, proof },
  };
}

export function originOf(engagementId: string, draft: Partial<ReturnType<typeof draftOf>> | null): Origin {
  const c: Partial<Record<string, string>> = draft?.consentWording ?? {};
  return {
    engagementId,
    source: draft?.source ?? '',
    supplier: draft?.supplier ?? '',
    ground: (draft?.ground ?? '') as Ground | '',
    obtainedOn: draft?.obtainedAt ?? '',
    consent: {
      version: c['version'] ?? '',
      wording: c['wording'] ?? '',
      how: c['how'] ?? '',
      givenOn: c['givenAt'] ?? '',
      proof: c['proof'] ?? '',
    },
  };
}
