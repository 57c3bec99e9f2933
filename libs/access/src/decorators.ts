import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { ServiceName } from '@avtala/contracts';
import type { Actor, KeyVerb, Role } from './principal.js';

export const PUBLIC = 'avtala:public';
export const ROLES_ALLOWED = 'avtala:roles';
export const SERVICES_ALLOWED = 'avtala:services';
export const KEY_ALLOWED = 'avtala:key';
export const STEP_UP = 'avtala:step-up';

/** Open to everybody: health, sign-in, what a link in a mail leads to. A route without any of these decorators is closed to all. */
export const Public = () => SetMetadata(PUBLIC, true);
/** Open to signed-in people of these roles, second factor included. On a class it is the default of its routes. */
export const Allow = (...roles: [Role, ...Role[]]) => SetMetadata(ROLES_ALLOWED, roles);
/** Open to these services, by a 60-second token. */
export const AllowService = (...services: [ServiceName, ...ServiceName[]]) => SetMetadata(SERVICES_ALLOWED, services);
/** Also open to API keys with this verb. */
export const AllowKey = (verb: KeyVerb) => SetMetadata(KEY_ALLOWED, verb);
/** Also needs a proof of identity younger than 15 minutes: export, reveal in bulk, role, key or connection change, legal hold. */
export const StepUp = () => SetMetadata(STEP_UP, true);

/** Where the guard leaves the caller on the request. */
export interface WithCaller {
  principal?: Actor;
}

/** The caller the guard resolved: a `Principal`, a `ServicePrincipal` on a route for services, a `KeyPrincipal` where keys are allowed. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Actor | undefined => {
  return context.switchToHttp().getRequest<WithCaller>().principal;
});
