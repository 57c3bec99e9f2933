import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import type { ServiceName } from '@avtala/contracts';
import { KEY_ALLOWED, PUBLIC, ROLES_ALLOWED, SERVICES_ALLOWED, STEP_UP, type WithCaller } from './decorators.js';
import { requireOwnOrigin } from './own-origin.js';
import { ApiKeys, looksLikeApiKey } from './api-keys.js';
import type { KeyPrincipal, KeyVerb, Principal, Role, ServicePrincipal } from './principal.js';
import { NotAllowed, SecondFactorRequired, SignInRequired, StepUpRequired } from './errors.js';
import { ServiceTokens } from './service-tokens.js';
import { sessionTokenOf } from './session-cookie.js';
import { Sessions } from './sessions.js';

const STEP_UP_MINUTES = 15;

export class AccessOptions {
  constructor(
    readonly service: ServiceName,
    /** Signs the session cookie; the same value in every service. */
    readonly authSecret: string,
    /** Addresses of our own pages, e.g. `https://avtala.example`; empty = the host a request was sent to. */
    readonly ownOrigins: readonly string[],
  ) {}
}

/** Who may come in by a route. */
interface Door {
  readonly open: boolean;
  readonly services: ServiceName[] | undefined;
  readonly verb: KeyVerb | undefined;
  readonly roles: Role[] | undefined;
  readonly stepUp: boolean;
}

/** Default deny: a route without @Public, @Allow, @AllowService or @AllowKey is closed to everybody. */
@Injectable()
export class AccessGuard implements CanActivate {
  /** What decorators say of each route, read once. */
  private readonly doors = new Map<object, Map<object, Door>>();

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ServiceTokens) private readonly tokens: ServiceTokens,
    @Inject(AccessOptions) private readonly options: AccessOptions,
    @Inject(ApiKeys) private readonly keys: ApiKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true; // events: libs/messaging decides whose they are
    const { open, services, verb, roles, stepUp } = this.doorOf(context);
    if (open) return true;

    const request = context.switchToHttp().getRequest<IncomingMessage & WithCaller>();
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    // Whoever sends a key means it, whatever cookie goes with it: no page of another site can make a browser send one.
    if (bearer && looksLikeApiKey(bearer)) {
      request.principal = await this.key(bearer, verb);
      return true;
    }
    if (services && bearer) {
      request.principal = await this.service(bearer, services);
      return true;
    }
    request.principal = await this.person(request, roles, stepUp);
    return true;
  }

  private doorOf(context: ExecutionContext): Door {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    let doors = this.doors.get(controller);
    if (!doors) this.doors.set(controller, (doors = new Map()));
    let door = doors.get(handler);
    if (!door) {
      const told = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, [handler, controller]);
      door = {
        open: told<boolean>(PUBLIC) ?? false,
        services: told<ServiceName[]>(SERVICES_ALLOWED),
        verb: told<KeyVerb>(KEY_ALLOWED),
        roles: told<Role[]>(ROLES_ALLOWED),
        stepUp: told<boolean>(STEP_UP) ?? false,
      };
      doors.set(handler, door);
    }
    return door;
  }

  private async service(bearer: string, allowed: ServiceName[]): Promise<ServicePrincipal> {
    const caller = await this.tokens.verify(bearer, this.options.service);
    if (!allowed.includes(caller.service)) throw new NotAllowed();
    return caller;
  }

  private async key(bearer: string, allowed: KeyVerb | undefined): Promise<KeyPrincipal> {
    const caller = await this.keys.principalOf(bearer);
    if (!allowed || !caller.verbs.includes(allowed)) throw new NotAllowed();
    return caller;
  }

  private async person(request: IncomingMessage, roles: Role[] | undefined, stepUp: boolean): Promise<Principal> {
    const token = sessionTokenOf(request.headers.cookie, this.options.authSecret);
    if (!token) throw new SignInRequired();
    requireOwnOrigin(request, this.options.ownOrigins);
    const caller = await this.sessions.principalOf(token);
    if (!caller) throw new SignInRequired();
    if (caller.aal < 2) throw new SecondFactorRequired();
    if (!roles?.includes(caller.role)) throw new NotAllowed();
    if (stepUp) requireFreshProof(caller);
    return caller;
  }
}

/** Real time: a proof of identity does not age with the business clock.
 * @throws StepUpRequired when the person last proved who they are more than 15 minutes ago */
export function requireFreshProof(caller: Principal): void {
  const age = Date.now() - caller.authTime.epochMilliseconds;
  if (age > STEP_UP_MINUTES * 60_000) throw new StepUpRequired();
}
