/** Whether a request path belongs to a route pattern: `:name` stands for one segment, and a pattern matches everything below itself.
 * A pattern ending in `$` matches itself only. Used by the all-in-one host; `k8s/base/nginx.conf` carries the same table. */
export function matchesRoute(pattern: string, path: string): boolean {
  return matches(patternOf(pattern), segmentsOf(path));
}

interface Pattern {
  readonly exact: boolean;
  readonly want: readonly string[];
}

/** Taken apart once: every request asks all of them. */
const patterns = new Map<string, Pattern>();

function patternOf(text: string): Pattern {
  let pattern = patterns.get(text);
  if (!pattern) {
    const exact = text.endsWith('$');
    patterns.set(text, (pattern = { exact, want: segmentsOf(exact ? text.slice(0, -1) : text) }));
  }
  return pattern;
}

const segmentsOf = (path: string): string[] => path.split('/').filter(Boolean);

function matches({ exact, want }: Pattern, have: readonly string[]): boolean {
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
  const have = segmentsOf(path);
  for (const owner of owners) {
    for (const pattern of owner.routes) {
      const of = patternOf(pattern);
      if (matches(of, have) && (!best || of.want.length > best.length)) best = { owner, length: of.want.length };
    }
  }
  return best?.owner;
}

/** Every path pattern of a service: its own, and what each service answers under its own name. */
export function routesOf(service: { readonly name: string; readonly routes: readonly string[] }): string[] {
  return [...service.routes, ...['parked-messages', 'audit'].map((own) => `/api/v1/${service.name}/${own}`)];
}
