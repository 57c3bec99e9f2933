import { open, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const LEFTOVER = '.writing';

/** Replaces a file as a whole and returns when it will survive a power cut: written beside, synced, renamed, directory synced.
 * What stood there before is in no file any more, which is why nothing here is ever appended to. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = path + LEFTOVER;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncDirectory(dirname(path));
}

/** Removes a file and returns when the removal will survive a power cut. */
async function removeWhole(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const dir = await open(path, 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
}

/** @returns the parsed file, or undefined when there is none */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the directory and removes what a kill left half-written in it. @returns the names of its whole files */
export async function openDirectory(dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const names = await readdir(dir);
  const whole: string[] = [];
  for (const name of names) {
    if (name.endsWith(LEFTOVER)) await rm(join(dir, name), { force: true });
    else whole.push(name);
  }
  return whole;
}

/** Runs one write at a time. Calls that come while one runs may come after it read memory: one more run serves them all. */
class OneAtATime {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves when a run that began after this call has ended. */
  run(): Promise<void> {
    if (this.next) return this.next;
    if (!this.running) return this.start();
    this.next = this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.start();
      });
    return this.next;
  }

  private start(): Promise<void> {
    const running = this.work().finally(() => {
      if (this.running === running) this.running = undefined;
    });
    this.running = running;
    return running;
  }
}

/** One JSON file that is always replaced as a whole. */
export class JsonFile<T> {
  private readonly writer = new OneAtATime(() => writeWhole(this.path, JSON.stringify(this.value)));

  private constructor(
    private readonly path: string,
    public value: T,
  ) {}

  static async open<T>(path: string, initial: T): Promise<JsonFile<T>> {
    await openDirectory(dirname(path));
    return new JsonFile(path, (await readJson<T>(path)) ?? initial);
  }

  /** Resolves when the present value (or a newer one) is on disk. */
  save(): Promise<void> {
    return this.writer.run();
  }
}

/** Objects in memory, mirrored in files of neighbours: `shardOf` says which file an object lives in, so that a batch of new objects
 * costs two or three synced files rather than a hundred. A shard with nothing left in it is removed. */
export class Shards<T> {
  private readonly shards = new Map<string, Map<string, T>>();
  private readonly writers = new Map<string, OneAtATime>();

  private constructor(
    private readonly dir: string,
    private readonly shardOf: (id: string) => string,
  ) {}

  static async open<T>(dir: string, shardOf: (id: string) => string): Promise<Shards<T>> {
    const store = new Shards<T>(dir, shardOf);
    for (const name of await openDirectory(dir)) {
      const entries = (await readJson<[string, T][]>(join(dir, name))) ?? [];
      store.shards.set(name.replace(/\.json$/, ''), new Map(entries));
    }
    return store;
  }

  get(id: string): T | undefined {
    return this.shards.get(this.shardOf(id))?.get(id);
  }

  *values(): Generator<T> {
    for (const shard of this.shards.values()) yield* shard.values();
  }

  /** Changes memory at once; call `saved` with the same ids before answering anybody. */
  set(id: string, value: T): void {
    const name = this.shardOf(id);
    const shard = this.shards.get(name) ?? new Map<string, T>();
    this.shards.set(name, shard.set(id, value));
  }

  delete(id: string): void {
    this.shards.get(this.shardOf(id))?.delete(id);
  }

  /** Resolves when the files of these ids hold what memory holds now. */
  async saved(ids: Iterable<string>): Promise<void> {
    const names = new Set<string>();
    for (const id of ids) names.add(this.shardOf(id));
    await Promise.all([...names].map((name) => this.writer(name).run()));
  }

  private writer(name: string): OneAtATime {
    const writer = this.writers.get(name) ?? new OneAtATime(() => this.write(name));
    this.writers.set(name, writer);
    return writer;
  }

  private write(name: string): Promise<void> {
    const shard = this.shards.get(name);
    const path = join(this.dir, `${name}.json`);
    if (shard && shard.size > 0) return writeWhole(path, JSON.stringify([...shard]));
    this.shards.delete(name);
    return removeWhole(path);
  }
}
