import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, unlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** How well "destroyed" can be believed; written on certificates. `file`: unlinking on flash is no zeroisation, so the directory belongs on an encrypted volume. */
export type Assurance = 'file' | 'software-vault' | 'hsm';

/** Holds one provider key per epoch, which wraps that epoch's KEK and must die with it (security.md §3.1). */
export interface KekProvider {
  readonly assurance: Assurance;
  /** Makes a provider key and under it a KEK of 32 random bytes. The caller overwrites `kek` after use. */
  createEpoch(): Promise<{ ref: string; kek: Buffer; wrapped: Buffer }>;
  /** @throws EpochGone when the provider key was destroyed */
  openEpoch(ref: string, wrapped: Uint8Array): Promise<Buffer>;
  /** Safe to repeat. */
  destroyEpoch(ref: string): Promise<{ state: 'destroyed' | 'scheduled'; effectiveAt: Date; evidence: string }>;
}

/** The epoch's provider key does not exist any more. */
export class EpochGone extends Error {
  constructor(ref: string, options?: ErrorOptions) {
    super(`The key of epoch ${ref} is destroyed`, options);
    this.name = 'EpochGone';
  }
}

/** AES-256-GCM under one wrapping key: 12 bytes IV, ciphertext, 16 bytes tag. 32 bytes become 60. */
export function wrap(key: Parameters<typeof createCipheriv>[1], aad: string, bytes: Uint8Array): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad));
  return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when key, context or a bit differ */
export function unwrap(key: Parameters<typeof createCipheriv>[1], aad: string, wrapped: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12), { authTagLength: 16 })
    .setAAD(Buffer.from(aad))
    .setAuthTag(wrapped.subarray(wrapped.length - 16));
  return Buffer.concat([decipher.update(wrapped.subarray(12, wrapped.length - 16)), decipher.final()]);
}

/** Provider keys as files `epoch-<ref>.key` of mode 0600 in a directory of their own, outside every database and its backups. */
export class FileKekProvider implements KekProvider {
  readonly assurance = 'file';
  constructor(private readonly dir: string) {}

  async createEpoch(): Promise<{ ref: string; kek: Buffer; wrapped: Buffer }> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const ref = randomUUID();
    const providerKey = randomBytes(32);
    const file = await open(this.path(ref), 'wx', 0o600);
    try {
      await file.writeFile(providerKey);
      await file.sync();
    } finally {
      await file.close();
    }
    // The directory entry must survive a power cut too: without this file every key of the epoch is lost.
    const dir = await open(this.dir, 'r');
    await dir.sync().finally(() => dir.close());
    const kek = randomBytes(32);
    const wrapped = wrap(providerKey, `kek:${ref}`, kek);
    providerKey.fill(0);
    return { ref, kek, wrapped };
  }

  async openEpoch(ref: string, wrapped: Uint8Array): Promise<Buffer> {
    const providerKey = await readFile(this.path(ref)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new EpochGone(ref, { cause: error }) : error;
    });
    const { mode } = await stat(this.path(ref));
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') await chmod(this.path(ref), 0o600);
    const kek = unwrap(providerKey, `kek:${ref}`, wrapped);
    providerKey.fill(0);
    return kek;
  }

  async destroyEpoch(ref: string): Promise<{ state: 'destroyed'; effectiveAt: Date; evidence: string }> {
    const destroyed = {
      state: 'destroyed' as const,
      effectiveAt: new Date(),
      evidence: 'file overwritten and unlinked',
    };
    try {
      const file = await open(this.path(ref), 'r+');
      try {
        await file.write(randomBytes(32), 0, 32, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await unlink(this.path(ref));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return destroyed;
  }

  private path(ref: string): string {
    if (!/^[0-9a-f-]{36}$/.test(ref)) throw new Error('An epoch is named by a UUID');
    return join(this.dir, `epoch-${ref}.key`);
  }
}
