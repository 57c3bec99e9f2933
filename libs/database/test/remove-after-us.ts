import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

// Servers are detached, so a killed test run would leave them for ever: a small shell waits for our end, kills every
// postmaster whose file lies below the directory, and removes it.
const SCRIPT = `while kill -0 "$1" 2>/dev/null; do sleep 1; done
find "$2" -name postmaster.pid -exec head -n 1 {} \\; | while read -r pid; do kill -QUIT "$pid" 2>/dev/null; done
sleep 1; rm -rf "$2"`;

/**
 * @param dir holds test clusters and nothing else
 * @returns call it when the clusters were stopped in order: removes the directory
 */
export function removeAfterUs(dir: string): () => Promise<void> {
  const watcher = spawn('sh', ['-c', SCRIPT, 'avtala-test-watch', String(process.pid), dir], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  watcher.on('error', () => undefined).unref(); // no shell: nothing watches
  return async () => {
    watcher.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  };
}
