import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { OpenAPIBackend, type Document } from 'openapi-backend';

const FILES = ['contacts', 'meetings', 'associations', 'properties', 'oauth'] as const;

/** Checks each request against the vendor's own specifications, where there is a folder of them (HUBSPOT_SPEC_DIR). */
export class SpecCheck {
  /** Where and which rule, never a value. */
  readonly violations: string[] = [];
  checked = 0;

  private constructor(private readonly specs: ReadonlyMap<string, OpenAPIBackend>) {}

  static async open(dir: string | undefined): Promise<SpecCheck> {
    const specs = new Map<string, OpenAPIBackend>();
    for (const name of dir ? FILES : []) {
      const definition = JSON.parse(await readFile(join(dir!, `${name}.2026-09.json`), 'utf8')) as Document;
      const api = new OpenAPIBackend({
        definition,
        quick: true,
        ajvOpts: { strict: false, allErrors: true, logger: false },
      });
      await api.init();
      specs.set(name, api);
    }
    return new SpecCheck(specs);
  }

  get able(): boolean {
    return this.specs.size > 0;
  }

  check(r: { method: string; url: URL; headers: IncomingHttpHeaders; text: string }): void {
    if (!this.able || r.url.pathname.startsWith('/account-info/')) return; // no file of the vendor's speaks of it
    const [first, second, , third] = r.url.pathname.slice(1).split('/');
    const kind = first === 'oauth' ? 'oauth' : second === 'objects' ? third : second;
    const api = this.specs.get(kind ?? '');
    const request = {
      method: r.method,
      path: r.url.pathname,
      query: Object.fromEntries(r.url.searchParams),
      headers: r.headers as Record<string, string>,
      body: kind === 'oauth' ? Object.fromEntries(new URLSearchParams(r.text)) : r.text || undefined,
    };
    this.checked++;
    if (!api?.router.matchOperation(request))
      return void this.violations.push(`${r.method} ${r.url.pathname}: no such operation`);
    for (const e of api.validateRequest(request).errors ?? [])
      this.violations.push(`${r.method} ${r.url.pathname}: ${e.instancePath} ${e.keyword} ${JSON.stringify(e.params)}`);
  }
}
