import { googleError } from './google-error.js';

/** The vendor's partial answers: `a,items(id,start)` leaves those fields alone.
 * @throws Refusal 400 what is no list of fields */
export function partial(body: unknown, fields: string | null): unknown {
  if (fields === null) return body;
  const wanted = parse(fields);
  return project(body, wanted);
}

type Wanted = Map<string, Wanted | undefined>;

function parse(text: string): Wanted {
  const root: Wanted = new Map();
  const open: Wanted[] = [root];
  let last = '';
  for (const [token] of text.matchAll(/[A-Za-z]+|[(),]|./g)) {
    const inner = open.at(-1)!;
    if (/^[A-Za-z]+$/.test(token)) inner.set((last = token), undefined);
    else if (token === '(' && last) {
      const deeper: Wanted = new Map();
      inner.set(last, deeper);
      open.push(deeper);
    } else if (token === ')' && open.length > 1) open.pop();
    else if (token !== ',') throw googleError(400, 'invalidParameter', 'Invalid field selection');
  }
  if (open.length !== 1) throw googleError(400, 'invalidParameter', 'Invalid field selection');
  return root;
}

function project(value: unknown, wanted: Wanted | undefined): unknown {
  if (!wanted) return value;
  if (Array.isArray(value)) return value.map((v) => project(v, wanted));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => wanted.has(name))
      .map(([name, v]) => [name, project(v, wanted.get(name))]),
  );
}
