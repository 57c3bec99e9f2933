import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Plain bytes of a frame. Frames have one size, so that reading can start at any byte of the file. */
const FRAME = 65_536;
const OVERHEAD = 12 + 16; // IV and tag

const contextOf = (importId: string, frame: number): Buffer => Buffer.from(`import:${importId}:${frame}`);

export function uploadPath(dir: string, importId: string): string {
  return join(dir, `${importId}.sealed`);
}

/** A workbook as it came, until its rows are read out of it. */
export function rawUploadPath(dir: string, importId: string): string {
  return join(dir, `${importId}.raw.sealed`);
}

/** An upload on its way to disk: AES-256-GCM frame by frame under the import's key, so that nothing of it is ever on disk in the clear. */
export class UploadWriter {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private frame = 0;
  bytes = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly key: KeyObject,
    private readonly importId: string,
  ) {}

  static async create(path: string, key: KeyObject, importId: string): Promise<UploadWriter> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return new UploadWriter(await open(path, 'wx', 0o600), key, importId);
  }

  async write(bytes: Buffer): Promise<void> {
    this.bytes += bytes.length;
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes < FRAME) return;
    const all = Buffer.concat(this.pending);
    let at = 0;
    for (; all.length - at >= FRAME; at += FRAME) await this.seal(all.subarray(at, at + FRAME));
    this.pending = [all.subarray(at)];
    this.pendingBytes = all.length - at;
  }

  /** The rest, and all of it on disk: what was acknowledged survives a power cut. */
  async end(): Promise<void> {
    if (this.pendingBytes) await this.seal(Buffer.concat(this.pending));
    await this.file.sync();
    await this.file.close();
  }

  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
  }

  private async seal(plain: Buffer): Promise<void> {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv).setAAD(contextOf(this.importId, this.frame++));
    await this.file.write(Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
  }
}

/** The plain bytes of an upload from a byte on.
 * @param bytes length of the plain file: a file cut short is noticed
 * @throws Error when a frame was changed, moved or is missing */
export async function* readUpload(
  path: string,
  key: KeyObject,
  importId: string,
  bytes: number,
  from: number,
): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (let frame = Math.floor(from / FRAME); frame * FRAME < bytes; frame++) {
      const length = Math.min(FRAME, bytes - frame * FRAME) + OVERHEAD;
      const sealed = Buffer.alloc(length);
      const { bytesRead } = await file.read(sealed, 0, length, frame * (FRAME + OVERHEAD));
      if (bytesRead < length) throw new Error('The upload is cut short');
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
        .setAAD(contextOf(importId, frame))
        .setAuthTag(sealed.subarray(length - 16));
      const plain = Buffer.concat([decipher.update(sealed.subarray(12, length - 16)), decipher.final()]);
      yield frame * FRAME < from ? plain.subarray(from - frame * FRAME) : plain;
    }
  } finally {
    await file.close();
  }
}

/** Safe to repeat. */
export async function removeUpload(dir: string, importId: string): Promise<void> {
  await rm(rawUploadPath(dir, importId), { force: true });
  await rm(uploadPath(dir, importId), { force: true });
}
