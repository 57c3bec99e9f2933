// A process that starts a cluster, says where it is, and waits to be killed.
import { fromSource } from '../../../tools/from-source.mjs';

const { startCluster } = await fromSource('libs/database/src/embedded.ts');
const { url, pid, port, adopted } = await startCluster({ dir: process.argv[2], unsafeFast: true });
console.log(JSON.stringify({ url, pid, port, adopted }));
setInterval(() => undefined, 60_000);
