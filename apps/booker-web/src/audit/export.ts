import { answer, api } from '../app/api.js';
import type { Trail } from '../app/audit-trails.js';
import { businessNow } from '../app/clock.js';
import type { Filter } from './trails.js';
import { type AuditExport, FORMAT, type ProvedPage } from './verify.js';

const PAGE = 200;
/** Rows of each trail that one file holds at most: it is read whole by whoever checks it. */
export const MOST_ROWS = 2000;

export interface Exported {
  readonly file: AuditExport;
  readonly rows: number;
  /** Rows just written, which have no proof yet. */
  readonly unsealed: number;
  /** There were more than a file holds. */
  readonly cut: boolean;
}

const proofs = (service: Trail, query: Filter & { limit: number; after?: string }, signal: AbortSignal) =>
  answer(api.GET(`/api/v1/${service}/audit/proofs` as const, { signal, params: { query } }));
type Page = Awaited<ReturnType<typeof proofs>>;

/** Rows of the trails with the proof of each towards a signed checkpoint. Nothing is kept when it stops half-way.
 * @throws ApiProblem, Unreachable; AbortError when the signal says so */
export async function exportOf(
  trails: readonly Trail[],
  filter: Filter,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<Exported> {
  const pages: ProvedPage[] = [];
  let [rows, unsealed, cut] = [0, 0, false];
  for (const service of trails) {
    let after: string | null = null;
    for (let read = 0; ;) {
      const page: Page = await proofs(service, { ...filter, limit: PAGE, ...(after ? { after } : {}) }, signal);
      if (page.checkpoint && page.items.length) pages.push(provedPage(service, page.checkpoint, page.items));
      rows += page.items.length;
      unsealed += page.unsealed;
      read += page.items.length;
      onRows(rows);
      after = page.next;
      if (after === null) break;
      if (read >= MOST_ROWS) {
        cut = true;
        break;
      }
    }
  }
  return { file: fileOf(pages, filter), rows, unsealed, cut };
}

/** The proof of one row as a file of its own. */
export const fileOf = (pages: readonly ProvedPage[], filter: Readonly<Record<string, string>>): AuditExport => ({
  format: FORMAT,
  madeAt: businessNow().toString({ smallestUnit: 'second' }),
  filter,
  pages,
});

/** Field by field: what a check needs, and nothing that would only look like proof. */
export const provedPage = (
  service: Trail,
  { signedNote, verifierKey }: ProvedPage['checkpoint'],
  items: ProvedPage['items'],
): ProvedPage => ({
  service,
  checkpoint: { signedNote, verifierKey },
  items: items.map(({ entry: { id, instance, n, canonical }, row, path }) => ({
    entry: { id, instance, n, canonical },
    row,
    path,
  })),
});
