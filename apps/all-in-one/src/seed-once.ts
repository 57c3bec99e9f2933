import { signIn } from '@avtala/access';
import type { Host } from '@avtala/runtime';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seed, type Call, type SandboxStaff, type Seeded } from './seed.js';

const fileIn = (dataDir: string): string => join(dataDir, 'sandbox-seed.json');

/** What an earlier start seeded here, or undefined. */
export async function seededIn(dataDir: string): Promise<(Seeded & { startsOn: string }) | undefined> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Seeded & { startsOn: string });
}

/** Seeds the sandbox through its own API, as its admin would by hand; once for each data directory. */
export async function seedOnce(
  dataDir: string,
  host: Host,
  staff: readonly SandboxStaff[],
  members: readonly string[],
  ofFirstClient: readonly string[],
): Promise<void> {
  if (await seededIn(dataDir)) return;
  const admin = staff.find((s) => s.role === 'admin')!;
  const session = await signIn({ baseUrl: host.address, ...admin });
  const call: Call = async (method, path, body, key) => {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${host.address}${path}`, {
        method,
        headers: { ...session.headers, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.ok) return (text ? JSON.parse(text) : {}) as never;
      // The other services learn of a new engagement by its event: a moment later they know it.
      const notYet = response.status === 404 || response.status === 409 || response.status === 503;
      if (!notYet || attempt === 100) throw new Error(`Seeding: ${method} ${path} answered ${response.status} ${text}`);
      await new Promise((r) => setTimeout(r, 100));
    }
  };
  const startsOn = host.clock.now().toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString();
  const seeded = await seed(call, members, startsOn, ofFirstClient);
  const file = fileIn(dataDir);
  await writeFile(`${file}.new`, JSON.stringify({ ...seeded, startsOn }, null, 1));
  await rename(`${file}.new`, file);
}
