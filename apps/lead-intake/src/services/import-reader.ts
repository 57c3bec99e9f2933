import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { readyChunks, type ChunkJob, type ReadyChunk } from './import-chunks.js';

/** Smaller files are not worth a thread of their own. */
const SMALL_BYTES = 256 * 1024;
/** Of its young generation: nothing of a row outlives its chunk, and each collection costs by what is alive. */
const YOUNG_MB = 64;
/** Straight from source, as tests run, there is no file that a thread could load. */
const BUILT = import.meta.url.endsWith('.js');

/** Reads a file in a thread of its own, so that requests are answered meanwhile; ends it with the last chunk, or when the caller has enough.
 * @throws NodeJS.ErrnoException ENOENT when the upload is gone */
export async function* readInThread(job: ChunkJob): AsyncGenerator<ReadyChunk> {
  if (!BUILT || job.bytes - job.from.offset < SMALL_BYTES) return yield* readyChunks(job);
  const worker = new Worker(new URL('./import-worker.js', import.meta.url), {
    workerData: job,
    name: 'import',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const arrived: Message[] = [];
  let wake: (() => void) | undefined;
  const arrive = (message: Message): void => {
    arrived.push(message);
    wake?.();
  };
  worker.on('message', arrive);
  worker.on('error', (error) => arrive({ failed: error as NodeJS.ErrnoException }));
  try {
    await once(worker, 'online');
    worker.postMessage('more');
    for (;;) {
      while (!arrived.length) await new Promise<void>((resolve) => (wake = resolve));
      const message = arrived.shift()!;
      if (message.failed) throw Object.assign(new Error(message.failed.message), { code: message.failed.code });
      if (!message.chunk) return;
      // The next one comes while this is being stored; more in hand would be lost work when the caller has had enough.
      worker.postMessage('more');
      yield message.chunk;
    }
  } finally {
    await worker.terminate();
  }
}

interface Message {
  readonly chunk?: ReadyChunk;
  readonly failed?: { readonly code?: string; readonly message: string };
}
