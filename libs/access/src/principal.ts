import { Missing } from '@avtala/contracts';
import { type Scope, scopeOf } from '@avtala/database';
import type { Ground, ServiceName } from '@avtala/contracts';

export const ROLES = ['admin', 'supervisor', 'booker', 'dpo', 'client'] as const;
export type Role = (typeof ROLES)[number];

/** A person who is signed in. Resolved anew for every request, so that a role or membership taken away acts at once (ASVS 8.3.2). */
export interface Principal {
  readonly kind: 'user';
  readonly userId: string;
  readonly role: Role;
  readonly sessionId: string;
  /** 1 = password only (reaches nothing but the enrolment of a second factor), 2 = with a second factor. */
  readonly aal: 1 | 2;
  /** When the person last proved who they are; a step-up renews it. */
  readonly authTime: Temporal.Instant;
  /** Engagements the person may enter; every one for `admin` and `dpo`. */
  readonly engagementIds: readonly string[];
}

/** A service acting on an event: the "who" and "why" of the read audit (G3). */
export interface ServicePrincipal {
  readonly kind: 'service';
  readonly service: ServiceName;
  readonly purpose: string;
  /** Id of the event or due row it acts on. */
  readonly eventId: string;
}

/** What an API key may be allowed to do. */
export const KEY_VERBS = ['leads:write', 'imports:write'] as const;
export type KeyVerb = (typeof KEY_VERBS)[number];

/** A supplier's machine, by its API key. Where its leads come from and on what ground is fixed by the key: it cannot say otherwise (B2). */
export interface KeyPrincipal {
  readonly kind: 'key';
  readonly keyId: string;
  /** The one it was made for. */
  readonly engagementIds: readonly [string];
  readonly verbs: readonly KeyVerb[];
  readonly provenance: { readonly source: string; readonly supplier: string; readonly ground: Ground };
}

export type Actor = Principal | ServicePrincipal | KeyPrincipal;

/** The engagements a caller may see, as a database scope.
 * @throws Missing for a person without any engagement: nothing is theirs to see (an empty scope never means "0 rows") */
export function scopeOfCaller(caller: Pick<Principal, 'engagementIds'>): Scope {
  if (caller.engagementIds.length === 0) throw new Missing('engagement');
  return scopeOf(...caller.engagementIds);
}

/** @throws Missing when the caller may not enter the engagement: the same 404 as for one that does not exist */
export function requireEngagement(caller: Principal | KeyPrincipal, engagementId: string): void {
  if (!caller.engagementIds.includes(engagementId)) throw new Missing('engagement');
}
