import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { LocalParticipant } from '../clock/participants.js';
import type { TestClock } from '../clock/test-clock.js';
import { JsonFile, openDirectory, writeWhole } from '../files.js';
import { readFile } from 'node:fs/promises';
import { Org } from './org.js';
import { purge } from './removal.js';

export const ORG_NAME = /^[a-z][a-z0-9-]{0,40}$/;

/** Client app (External Client App) → certificate that its assertions are checked against. */
type Apps = Record<string, string>;

/** All orgs of the stand-in, the client apps' certificates, and the purges that are due by the test clock. */
export class Orgs implements LocalParticipant {
  readonly name = 'salesforce stand-in';
  private readonly orgs = new Map<string, Promise<Org>>();

  private constructor(
    private readonly dir: string,
    private readonly clock: TestClock,
    private readonly apps: JsonFile<Apps>,
  ) {}

  /** Makes a key pair for the client app `sandbox`: its private half lies in `<dir>/salesforce/jwt-key.pem`, for our services to sign with. */
  static async open(dir: string, clock: TestClock): Promise<Orgs> {
    const root = join(dir, 'salesforce');
    const names = await openDirectory(root);
    const apps = await JsonFile.open<Apps>(join(root, 'apps.json'), {});
    const orgs = new Orgs(root, clock, apps);
    await orgs.ownKey(names.includes('jwt-key.pem'));
    for (const name of names) if (ORG_NAME.test(name) && !name.includes('.')) await orgs.org(name);
    return orgs;
  }

  private async ownKey(there: boolean): Promise<void> {
    const path = join(this.dir, 'jwt-key.pem');
    if (!there) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      await writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    }
    const publicKey = createPublicKey(await readFile(path, 'utf8'));
    await this.register('sandbox', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  }

  /** @param certificate X.509 or public key, PEM. @throws Error when it is none */
  async register(clientId: string, certificate: string): Promise<void> {
    createPublicKey(certificate);
    this.apps.value = { ...this.apps.value, [clientId]: certificate };
    await this.apps.save();
  }

  certificate(clientId: string): KeyObject | undefined {
    const pem = this.apps.value[clientId];
    return pem ? createPublicKey(pem) : undefined;
  }

  iso(): string {
    return this.clock.iso();
  }

  now(): number {
    return this.clock.now();
  }

  org(name: string): Promise<Org> {
    const known = this.orgs.get(name);
    if (known) return known;
    const opening = Org.open(this.dir, name);
    this.orgs.set(name, opening);
    return opening;
  }

  async opened(only?: string | null): Promise<Org[]> {
    const all = await Promise.all(this.orgs.values());
    return only ? all.filter((o) => o.name === only) : all;
  }

  async due(): Promise<{ next: string | null; what: string; busy: boolean }> {
    const now = this.clock.now();
    const ahead = (await Promise.all((await this.opened()).map((o) => purge(o, now)))).filter((n) => n !== null);
    return { next: ahead.length ? new Date(Math.min(...ahead)).toISOString() : null, what: 'purge', busy: false };
  }
}
