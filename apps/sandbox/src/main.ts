import { startSandbox, type SandboxPorts } from './index.js';

/** Reads SANDBOX_DIR and SANDBOX_PORT_*, starts, and tells the addresses in one line of JSON. */
async function main(): Promise<void> {
  const dir = process.env['SANDBOX_DIR'];
  if (!dir) throw new Error('SANDBOX_DIR is missing: the folder in which the stand-ins keep their state');
  const sandbox = await startSandbox({ dir, ports: ports() });
  process.stdout.write(`${JSON.stringify({ ready: true, urls: sandbox.urls, dir, pid: process.pid })}\n`);
  // Everything that was answered is on disk already; only the ports have to be given back.
  const stop = () => void sandbox.stop().then(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  // Whoever started us was killed: the next one starts its own on the same folder, and two must not write there.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 500).unref();
}

function ports(): SandboxPorts {
  const names = ['hubspot', 'salesforce', 'google', 'smtp', 'control'] as const;
  const given = names.flatMap((name) => {
    const value = process.env[`SANDBOX_PORT_${name.toUpperCase()}`];
    if (!value) return [];
    const port = Number(value);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`SANDBOX_PORT_${name.toUpperCase()} is no port`);
    return [[name, port] as const];
  });
  return Object.fromEntries(given);
}

await main();
