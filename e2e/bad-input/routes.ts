import 'reflect-metadata';
import { SERVICES } from '@avtala/all-in-one';
import { ROLES, type Role } from '@avtala/access';
import { commonControllers } from '@avtala/runtime';
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
  /** What an API key must be allowed to do here; undefined: keys are refused. */
  readonly key: string | undefined;
  /** Reads a JSON body, or a query, by a declared shape. */
  readonly body: boolean;
  readonly query: boolean;
}

type Target = object;
const meta = <T>(key: string, ...targets: Target[]): T | undefined =>
  targets.map((t) => Reflect.getMetadata(key, t) as T | undefined).find((v) => v !== undefined);

/** As Nest keeps them: `3:0` is a body that is the first argument, `4:…` a query. */
const takes = (kind: 3 | 4, controller: Type, method: string): boolean => {
  const told = Reflect.getMetadata('__routeArguments__', controller, method) as object | undefined;
  return Object.keys(told ?? {}).some((key) => key.startsWith(`${kind}:`));
};

function routesOf(controller: Type): Route[] {
  const methods = Object.getOwnPropertyNames(controller.prototype)
    .map((name) => [name, (controller.prototype as Record<string, unknown>)[name]] as const)
    .filter((m): m is [string, () => unknown] => typeof m[1] === 'function' && meta('method', m[1]) !== undefined)
    .filter(([, fn]) => meta('microservices:handler_type', fn) === undefined);
  return methods.map(([name, fn]) => ({
    method: RequestMethod[meta<number>('method', fn)!]!,
    path: `/${[meta<string>('path', controller), meta<string>('path', fn)].filter((p) => p && p !== '/').join('/')}`.replace(
      '\\:',
      ':',
    ),
    open: meta<boolean>('avtala:public', fn, controller) ?? false,
    roles: meta<Role[]>('avtala:roles', fn, controller) ?? [],
    forServices: meta('avtala:services', fn, controller) !== undefined,
    key: meta<string>('avtala:key', fn),
    body: takes(3, controller, name),
    query: takes(4, controller, name),
  }));
}

function controllersOf(module: Type): Type[] {
  const imports = (Reflect.getMetadata('imports', module) ?? []) as Type[];
  const own = (Reflect.getMetadata('controllers', module) ?? []) as Type[];
  return [...own, ...imports.filter((i) => typeof i === 'function').flatMap(controllersOf)];
}

/** Every HTTP route of the five services, read off the decorators: a new one is tested without being named here. */
export const ROUTES: readonly Route[] = [
  ...SERVICES.flatMap((service) =>
    [...controllersOf(service.module), ...commonControllers(service.name)].flatMap(routesOf),
  ),
];

export const keptFrom = (route: Route): readonly Role[] => ROLES.filter((role) => !route.roles.includes(role));
