import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail, type Role } from '@avtala/access';

export interface AuthEvent {
  readonly action: string;
  readonly userId: string;
  readonly role: Role;
  readonly sessionId: string;
  readonly aal: 1 | 2;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Every authentication event is audited, in the transaction of what it changes (docs/security.md §1.3 rule 12). */
@Injectable()
export class AuthEvents {
  constructor(private readonly audit: AuditTrail) {}

  async record(tx: EntityManager, event: AuthEvent): Promise<void> {
    await this.audit.record(tx, {
      action: event.action,
      principal: {
        kind: 'user',
        userId: event.userId,
        role: event.role,
        sessionId: event.sessionId,
        aal: event.aal,
        authTime: Temporal.Instant.fromEpochMilliseconds(Date.now()),
        engagementIds: [],
      },
      ...(event.detail ? { detail: event.detail } : {}),
    });
  }
}
