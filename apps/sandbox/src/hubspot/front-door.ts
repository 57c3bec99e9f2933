import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenAPIBackend, type Document } from 'openapi-backend';
import type { Asked } from '../web.js';
import { ownContract } from './contract.js';

const VENDOR_FILES = ['contacts', 'meetings', 'notes', 'calls', 'associations', 'properties', 'oauth'] as const;

/** Checks each request against our own words and, where there is a folder of the vendor's specifications, against those. */
export class FrontDoor {
  private constructor(
    private readonly own: OpenAPIBackend,
    private readonly vendor: ReadonlyMap<string, OpenAPIBackend>,
  ) {}

  /** @param specDir folder of `<name>.2026-09.json` (HUBSPOT_SPEC_DIR); undefined = own words only */
  static async open(specDir: string | undefined): Promise<FrontDoor> {
    const vendor = new Map<string, OpenAPIBackend>();
    if (specDir) {
      for (const name of VENDOR_FILES) {
        const file = await readFile(join(specDir, `${name}.2026-09.json`), 'utf8');
        vendor.set(name, await validator(JSON.parse(file) as Document));
      }
    }
    return new FrontDoor(await validator(ownContract()), vendor);
  }

  get checksVendorsWord(): boolean {
    return this.vendor.size > 0;
  }

  /** @param kind which of the vendor's files speaks of it: an object type, `associations`, `properties` or `oauth`
   * @returns where and which rule, never a value; empty = fine */
  violations(asked: Asked, kind: string): string[] {
    const request = {
      method: asked.method,
      path: asked.path,
      query: Object.fromEntries(grouped(asked.query)),
      headers: asked.headers as Record<string, string | string[]>,
      body: kind === 'oauth' ? Object.fromEntries(new URLSearchParams(asked.text)) : asked.text || undefined,
    };
    // The vendor deletes for good, and merges, contacts only.
    const contactsOnly = /\/(gdpr-delete|merge)$/.test(asked.path) && kind !== 'contacts';
    const found = kind === 'oauth' ? [] : contactsOnly ? ['no such operation'] : problems(this.own, request);
    const spec = this.vendor.get(kind);
    return spec ? [...new Set([...found, ...problems(spec, request)])] : found;
  }
}

type Request = Parameters<OpenAPIBackend['validateRequest']>[0];

async function validator(definition: Document): Promise<OpenAPIBackend> {
  const api = new OpenAPIBackend({
    definition,
    quick: true,
    ajvOpts: { strict: false, allErrors: true, logger: false },
  });
  await api.init();
  return api;
}

function problems(api: OpenAPIBackend, request: Request): string[] {
  if (!api.router.matchOperation(request)) return ['no such operation'];
  const { errors } = api.validateRequest(request);
  return (errors ?? []).map((e) => {
    const params = e.params as { additionalProperty?: string; missingProperty?: string; limit?: number };
    const detail = params.additionalProperty ?? params.missingProperty ?? params.limit ?? '';
    return `${e.instancePath.replace(/\/properties\/[^/]+$/, '/properties/*')} ${e.keyword} ${detail}`.trim();
  });
}

function grouped(query: URLSearchParams): Map<string, string | string[]> {
  const all = new Map<string, string | string[]>();
  for (const name of new Set(query.keys())) {
    const given = query.getAll(name);
    all.set(name, given.length === 1 ? (given[0] as string) : given);
  }
  return all;
}
