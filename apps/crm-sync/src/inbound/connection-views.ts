import type { CrmKind } from '../domain/connection-rules.js';
import type { ContactField } from '../domain/mapping.js';
import type { ConnectionLine } from '../storage/connection-health.js';

/** Vendor properties by field of B1; null = never sent. */
export class MappingView {
  readonly name!: string | null;
  readonly company!: string | null;
  readonly title!: string | null;
  readonly email!: string | null;
  readonly phone!: string | null;
  readonly social!: string | null;
}

/** Calls of the account's day, by whatever app, as the vendor counted them last. */
export class DailyLimitView {
  readonly limit!: number;
  readonly used!: number;
  readonly seenAt!: string;
}

/** Our way into a client's CRM. Never the tokens. */
export class ConnectionView {
  readonly id!: string;
  readonly engagementId!: string;
  readonly kind!: CrmKind;
  /** The vendor's name of the account. */
  readonly portalId!: string | null;
  readonly state!: 'connecting' | 'active' | 'broken' | 'waiting-for-limit';
  /** Why it is broken, or waits: `used-up`, or `reserve` when the rest of the day is the client's other apps'. */
  readonly code!: string | null;
  /** When it stops waiting for the vendor's limit of the day. */
  readonly waitingUntil!: string | null;
  /** What the client's administrator has to add first, by name. */
  readonly needs!: string[];
  readonly region!: string | null;
  readonly safeguard!: string | null;
  readonly lastReadAt!: string | null;
  readonly lastWriteAt!: string | null;
  readonly lastErrorCode!: string | null;
  readonly lastErrorAt!: string | null;
  readonly dailyLimit!: DailyLimitView | null;
  readonly mapping!: MappingView;
}

export class ConnectionsView {
  readonly items!: ConnectionView[];
}

/** What of a lead leaves us for a CRM: the fields of B1 that its mapping allows (D2), in that order. */
class OutgoingView {
  readonly kind!: CrmKind;
  /** Something has to be mended first; what is booked until then goes after that. */
  readonly broken!: boolean;
  readonly fields!: ContactField[];
}

export class OutgoingsView {
  readonly items!: OutgoingView[];
}

export class ConnectionCheckView {
  readonly works!: boolean;
  /** What went wrong. */
  readonly code!: string | null;
  readonly connection!: ConnectionView;
}

export function connectionView(c: ConnectionLine, now: Temporal.Instant): ConnectionView {
  const waits = c.state !== 'broken' && c.blockedUntil !== null && c.blockedUntil.getTime() > now.epochMilliseconds;
  const seen = c.dayLimit !== null && c.dayRemaining !== null && c.daySeenAt !== null;
  const field = (name: keyof typeof c.mapping) => c.mapping[name] ?? null;
  return {
    id: c.id,
    engagementId: c.engagementId,
    kind: c.kind,
    portalId: c.portalId,
    state: waits ? 'waiting-for-limit' : c.state,
    code: waits ? c.blockedReason : c.code,
    waitingUntil: waits ? c.blockedUntil.toISOString() : null,
    needs: [...(c.needs ?? [])],
    region: c.region,
    safeguard: c.safeguard,
    lastReadAt: c.lastReadAt?.toISOString() ?? null,
    lastWriteAt: c.lastWriteAt?.toISOString() ?? null,
    lastErrorCode: c.lastError,
    lastErrorAt: c.lastErrorAt?.toISOString() ?? null,
    dailyLimit: seen
      ? { limit: c.dayLimit, used: Math.max(0, c.dayLimit - c.dayRemaining), seenAt: c.daySeenAt.toISOString() }
      : null,
    mapping: {
      name: field('name'),
      company: field('company'),
      title: field('title'),
      email: field('email'),
      phone: field('phone'),
      social: field('social'),
    },
  };
}
