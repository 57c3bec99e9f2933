import 'reflect-metadata';
import { SERVICES } from '@avtala/all-in-one';
import { ROLES, type Role } from '@avtala/access';
import { RequestMethod, type Type } from '@nestjs/common';

/** A route as its decorators declare it. */
export interface Route {
  readonly method: string;
  /** `/api/v1/bookings/:id` */
  readonly path: string;
  /** Open to everybody. */
  readonly open: boolean;
  readonly roles: readonly Role[];
  readonly forServices: boolean;
}

type Target = object;
const meta = <T>(key: string, ...targets: Target[]): T | undefined =>
  targets.map((t) => Reflect.getMetadata(key, t) as T | undefined).find((v) => v !== undefined);

function routesOf(controller: Type): Route[] {
  const methods = Object.getOwnPropertyNames(controller.prototype)
    .map((name) => (controller.prototype as Record<string, unknown>)[name])
    .filter((fn): fn is () => unknown => typeof fn === 'function' && meta('method', fn) !== undefined)
    .filter((fn) => meta('microservices:handler_type', fn) === undefined);
  return methods.map((fn) => ({
    method: RequestMethod[meta<number>('method', fn)!]!,
    path: `/${[meta<string>('path', controller), meta<string>('path', fn)].filter((p) => p && p !== '/').join('/')}`.replace(
      '\\:',
      ':',
    ),
    open: meta<boolean>('avtala:public', fn, controller) ?? false,
    roles: meta<Role[]>('avtala:roles', fn, controller) ?? [],
    forServices: meta('avtala:services', fn, controller) !== undefined,
  }));
}

function controllersOf(module: Type): Type[] {
  const imports = (Reflect.getMetadata('imports', module) ?? []) as Type[];
  const own = (Reflect.getMetadata('controllers', module) ?? []) as Type[];
  return [...own, ...imports.filter((i) => typeof i === 'function').flatMap(controllersOf)];
}

// Made for each service at its start (libs/runtime), so they are in no module.
const PARKED: Route[] = SERVICES.flatMap(({ name }) =>
  (
    [
      ['GET', ''],
      ['POST', '/:id/replay'],
      ['POST', '/:id/skip'],
    ] as const
  ).map(([method, rest]) => ({
    method,
    path: `/api/v1/${name}/parked-messages${rest}`,
    open: false,
    roles: ['admin', 'dpo'] as const,
    forServices: false,
  })),
);

/** Every HTTP route of the five services, read off the decorators: a new one is tested without being named here. */
export const ROUTES: readonly Route[] = [
  ...SERVICES.flatMap((service) => controllersOf(service.module).flatMap(routesOf)),
  ...PARKED,
];

export const keptFrom = (route: Route): readonly Role[] => ROLES.filter((role) => !route.roles.includes(role));
