import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';

/** A free port below the range from which the system hands out its own, so that nothing else takes it while our process is down. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 2000; port++) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error(`No free port from ${from}`);
}

/** A child process whose output goes to a file. Stopped and killed by its own process id only. */
export class Process {
  private child: ChildProcess | undefined;

  constructor(
    private readonly script: string,
    private readonly env: Record<string, string>,
    private readonly logFile: string,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it and resolves with the first line it prints on standard output that is JSON. */
  async start(deadlineMs: number): Promise<Record<string, unknown>> {
    const log = createWriteStream(this.logFile, { flags: 'a' });
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', this.script], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.pipe(log, { end: false });
    child.stdout.pipe(log, { end: false });
    return new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(
        () => reject(new Error(`${this.script} was not ready in ${deadlineMs} ms; see ${this.logFile}`)),
        deadlineMs,
      );
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const line = text.split('\n').find((l) => l.startsWith('{"ready"'));
        if (!line) return;
        clearTimeout(timer);
        resolve(JSON.parse(line) as Record<string, unknown>);
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        const said = tail(this.logFile);
        reject(
          new Error(`${this.script} ended (${code ?? signal}) before it was ready; ${this.logFile} ends with\n${said}`),
        );
      });
    });
  }

  async kill(): Promise<void> {
    if (!this.child || !this.running) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  async stop(deadlineMs = 30_000): Promise<void> {
    if (!this.child || !this.running) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child?.kill('SIGKILL'), deadlineMs);
    await gone;
    clearTimeout(timer);
  }
}

/** The last lines of a log; logs hold ids and codes only. */
function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
