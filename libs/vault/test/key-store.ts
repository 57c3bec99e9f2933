import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, dropDatabase } from '@avtala/database';
import { TEST_ROLE_SECRET, testServerUrl } from '@avtala/test-kit';
import pg from 'pg';
import { provisionVault, type VaultRole, type VaultUrls } from '../src/provision.js';
import { openVault, type Vault } from '../src/vault.js';

/** A key store of its own for one test file: database, logins, key files. */
export class TestKeyStore {
  private readonly opened: Vault[] = [];
  private constructor(
    readonly admin: pg.Pool,
    /** Superuser's URL of this key store. */
    readonly adminUrl: string,
    private readonly name: string,
    readonly urls: VaultUrls,
    readonly keyDir: string,
  ) {}

  static async create(): Promise<TestKeyStore> {
    const name = `keys_${randomBytes(8).toString('hex')}`;
    const adminUrl = await createDatabase(testServerUrl(), name);
    const admin = new pg.Pool({ connectionString: adminUrl, max: 3 });
    admin.on('error', () => undefined); // the database may be gone before a client has ended
    return new TestKeyStore(
      admin,
      adminUrl,
      name,
      await provisionVault(adminUrl, TEST_ROLE_SECRET),
      await mkdtemp(join(tmpdir(), 'avtala-keys-')),
    );
  }

  async open(role: VaultRole = 'lead-intake'): Promise<Vault> {
    const vault = await openVault({ url: this.urls[role], keyDir: this.keyDir });
    this.opened.push(vault);
    return vault;
  }

  async close(): Promise<void> {
    for (const vault of this.opened) await vault.close();
    await this.admin.end();
    await dropDatabase(testServerUrl(), this.name);
    await rm(this.keyDir, { recursive: true });
  }
}
