import { parentPort, workerData } from 'node:worker_threads';
import { readyChunks, type ChunkJob } from './import-chunks.js';

/** A worker thread's whole life: reads one file and hands its chunks over, at most as many ahead as it was asked for. */
const port = parentPort!;
let asked = 0;
let wake: (() => void) | undefined;
port.on('message', () => {
  asked++;
  wake?.();
});

try {
  for await (const chunk of readyChunks(workerData as ChunkJob)) {
    while (asked === 0) await new Promise<void>((resolve) => (wake = resolve));
    asked--;
    const { wrapped, ids, sealed, hashes, tokens, spans } = chunk;
    const moved = [wrapped, ids, sealed, hashes, tokens, spans];
    port.postMessage({ chunk }, moved.map((bytes) => bytes.buffer) as ArrayBuffer[]);
  }
  port.postMessage({ done: true });
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  port.postMessage({ failed: { code, message } });
}
port.close();
