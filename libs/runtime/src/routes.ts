/** Whether a request path belongs to a route pattern: `:name` stands for one segment, and a pattern matches everything below itself.
 * A pattern ending in `$` matches itself only. Used by the all-in-one host; `k8s/base/nginx.conf` carries the same table. */
export function matchesRoute(pattern: string, path: string): boolean {
  const exact = pattern.endsWith('$');
  const want = (exact ? pattern.slice(0, -1) : pattern).split('/').filter(Boolean);
  const have = path.split('/').filter(Boolean);
  if (have.length < want.length || (exact && have.length !== want.length)) return false;
  return want.every((segment, i) => {
    if (segment.startsWith(':')) return true;
    return segment === have[i];
  });
}

/** The owner of a path: the longest matching pattern wins, so `/engagements/:id/leads` goes before `/engagements`. */
export function ownerOf<T extends { readonly routes: readonly string[] }>(
  owners: readonly T[],
  path: string,
): T | undefined {
  let best: { owner: T; length: number } | undefined;
  for (const owner of owners) {
    for (const pattern of owner.routes) {
      const length = pattern.split('/').length;
      if (matchesRoute(pattern, path) && (!best || length > best.length)) best = { owner, length };
    }
  }
  return best?.owner;
}

/** Every path pattern of a service: its own, and what each service answers under its own name. */
export function routesOf(service: { readonly name: string; readonly routes: readonly string[] }): string[] {
  return [...service.routes, ...['parked-messages', 'audit'].map((own) => `/api/v1/${service.name}/${own}`)];
}
