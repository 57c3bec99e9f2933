import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUIDv7 } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail, type Actor, type Role } from '@avtala/access';
import { agentFamily, coarseNetwork } from '../domain/where-from.js';

export type AuthResult = 'ok' | 'refused' | 'backed-off';

export interface AuthEvent {
  /** What happened: `sign-in.proved`, `passkey.added`, `sign-out`. */
  readonly action: string;
  /** Default ok. */
  readonly result?: AuthResult;
  /** How somebody proved who they are: password, totp, passkey, oidc, recovery-code. */
  readonly method?: string;
  /** Whose account; left out when there is none of that name. */
  readonly userId?: string;
  /** With a session and a role the person did it; without, somebody tried. */
  readonly role?: Role;
  readonly sessionId?: string;
  readonly aal?: 1 | 2;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** What is known of a request's origin; reduced before anything is kept. */
export interface CameFrom {
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
}

// Ambient, for better-auth's hooks stand between the request and what is to be recorded. It decides nothing but what the history shows.
const origin = new AsyncLocalStorage<CameFrom>();

/** Every authentication event is audited and kept in the login history, in the transaction of what it changes (G2, docs/security.md). */
@Injectable()
export class AuthEvents {
  constructor(private readonly audit: AuditTrail) {}

  /** Runs the work with its events said to come from there. */
  during<T>(from: CameFrom, work: () => Promise<T>): Promise<T> {
    return origin.run(from, work);
  }

  async record(tx: EntityManager, event: AuthEvent): Promise<void> {
    const { result = 'ok', userId, sessionId } = event;
    const method = event.method ?? (typeof event.detail?.['method'] === 'string' ? event.detail['method'] : null);
    await this.audit.record(tx, {
      action: event.action,
      principal: actorOf(event),
      // Somebody tried to be this person: an entry about them, not by them.
      ...(userId && !sessionId ? { subjectIds: [userId] } : {}),
      detail: { ...event.detail, result, ...(method ? { method } : {}) },
    });
    const from = origin.getStore();
    await tx.query(
      `insert into auth_event (user_id, act, method, result, session_id, network, agent) values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        userId ?? null,
        event.action,
        method,
        result,
        sessionId ?? null,
        from ? coarseNetwork(from.address) : null,
        from ? agentFamily(from.headers['user-agent']) : null,
      ],
    );
  }
}

function actorOf({ userId, role, sessionId, aal }: AuthEvent): Actor {
  if (!userId || !role || !sessionId)
    return { kind: 'service', service: 'agency', purpose: 'sign-in', eventId: randomUUIDv7() };
  return {
    kind: 'user',
    userId,
    role,
    sessionId,
    aal: aal ?? 1,
    authTime: Temporal.Instant.fromEpochMilliseconds(Date.now()),
    engagementIds: [],
  };
}
