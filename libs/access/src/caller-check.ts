import type { IncomingMessage } from 'node:http';
import type { ApiKeys } from './api-keys.js';
import { looksLikeApiKey } from './api-keys.js';
import type { KeyPrincipal, Principal } from './principal.js';
import { sessionTokenOf } from './session-cookie.js';
import type { Sessions } from './sessions.js';

/** Asks again who a long answer goes to (ASVS 4.4.3). */
export class CallerCheck {
  constructor(
    private readonly sessions: Sessions,
    private readonly keys: ApiKeys,
    private readonly authSecret: string,
  ) {}

  /** Whether the same caller, with at least the same rights, would still come in with what the request carried. */
  async stillAllowed(request: IncomingMessage, caller: Principal | KeyPrincipal): Promise<boolean> {
    const now = await this.callerOf(request);
    if (!now || now.kind !== caller.kind) return false;
    if (now.kind === 'user' && caller.kind === 'user' && (now.role !== caller.role || now.aal < caller.aal))
      return false;
    return caller.engagementIds.every((id) => (now.engagementIds as readonly string[]).includes(id));
  }

  private async callerOf(request: IncomingMessage): Promise<Principal | KeyPrincipal | undefined> {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer && looksLikeApiKey(bearer)) return this.keys.principalOf(bearer);
    const token = sessionTokenOf(request.headers.cookie, this.authSecret);
    return token ? this.sessions.principalOf(token) : undefined;
  }
}
