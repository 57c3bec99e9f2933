import 'reflect-metadata';
import type { Host } from '@avtala/runtime';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clusters } from './clusters.js';
import { sandboxEnv, startSandboxProcess, type SandboxUrls } from './sandbox-process.js';
import type { SandboxStaff } from './seed.js';

/** `npm start`: everything in one process on an embedded PostgreSQL, the sandbox beside it, until SIGINT or SIGTERM.
 * With AVTALA_SANDBOX=off: the same against real vendors, without stand-ins and test clock. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const dataDir = resolve(process.env.AVTALA_DATA_DIR ?? '.data');
  // To be passed through, not listed: the system user that PostgreSQL runs as must reach its own directory below. Secrets have theirs (0700).
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const undo: (() => Promise<unknown>)[] = [];
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    for (const step of undo.reverse()) await step().catch((e: unknown) => console.error(String(e)));
    process.exit(code);
  };
  process.once('SIGINT', () => void stop(0));
  process.once('SIGTERM', () => void stop(0));
  // npm passes a signal to the shell it started us through, and the shell dies of it alone: an orphan stops as if it had been told.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && void stop(0), 500).unref();

  try {
    // Noted before it is awaited: a signal while PostgreSQL starts must not leave it running.
    // Both start while the services' modules are still being loaded, which takes as long.
    const sandboxed = process.env.AVTALA_SANDBOX !== 'off';
    const sandboxStarting =
      sandboxed && !process.env.AVTALA_TEST_CLOCK ? startSandboxProcess(join(dataDir, 'sandbox')) : undefined;
    if (sandboxStarting) undo.push(async () => (await sandboxStarting).stop());
    const opening = import('./clusters.js').then(({ openClusters }) => openClusters(dataDir));
    undo.push(async () => (await opening)?.stop());
    const site = import('@avtala/web-server').then((web) => web.openSite(web.SITE_DIR, { sandbox: sandboxed }));
    for (const started of [sandboxStarting, opening, site]) started?.catch(() => undefined); // reported where they are awaited
    const all = await import('./composition.js');
    const clusters = await opening;
    if (clusters) {
      process.env.AVTALA_DATABASE_URL = clusters.databaseUrl;
      process.env.AVTALA_KEYS_URL = clusters.keysUrl;
    }
    const secretsDir = (process.env.AVTALA_SECRETS_DIR ??= join(dataDir, 'secrets'));
    process.env.AVTALA_UPLOADS_DIR ??= join(dataDir, 'uploads');
    process.env.CERTIFICATE_KEY_FILE ??= join(secretsDir, 'certificate.pem');

    const sandbox: SandboxUrls | undefined = (await sandboxStarting)?.urls;
    if (sandbox) Object.assign(process.env, sandboxEnv(sandbox));

    // The public pages call the services by loopback, and say whom for: abuse is counted by it.
    process.env.AVTALA_TRUSTED_PROXIES ||= '127.0.0.1,::1';
    if (!sandboxed) all.refuseMadeUpDefaults(process.env);
    const env = all.parseConfig(all.RuntimeEnv, process.env);
    const host = await all.startHost(all.SERVICES, all.selectServices(process.env.AVTALA_SERVICES), env);
    undo.push(() => host.stop());
    if (sandboxed) host.edge.get('/sandbox/status', all.statusPage(host, sandbox));
    if (env.AVTALA_TEST_CLOCK) host.edge.use('/sandbox', all.sandboxDoorOf(host, env));
    host.edge.use(all.publicWeb(all.configFrom(process.env, host.address)));
    host.edge.use(await site);

    let staff: SandboxStaff[] = [];
    if (sandboxed && host.services.some((s) => s.definition.name === 'agency')) {
      staff = await all.sandboxSignIns(dataDir, Number(process.env.AVTALA_SANDBOX_BOOKERS ?? 3));
      const agency = host.services.find((s) => s.definition.name === 'agency')!;
      const ids = await all.sandboxStaff(
        agency.db,
        all.installationSecret(env.AVTALA_SECRETS_DIR, 'auth.secret'),
        staff,
      );
      const idsOf = (...roles: string[]) => ids.filter((_, i) => roles.includes(staff[i]!.role));
      if (process.env.AVTALA_SEED !== 'off')
        await all.seedOnce(dataDir, host, staff, idsOf('booker', 'supervisor'), idsOf('client'));
    }
    announce(host, clusters, sandbox, staff, dataDir);
  } catch (error) {
    if (!stopping) console.error(error instanceof Error ? error.message : error); // a start cut short by a signal has nothing to report
    if (process.env.AVTALA_LOG_LEVEL === 'debug') console.error(error);
    await stop(1);
  }
}

/** Machines get one JSON line; a person at a terminal gets what to open and whom to sign in as. */
function announce(
  host: Host,
  clusters: Clusters | undefined,
  sandbox: SandboxUrls | undefined,
  staff: SandboxStaff[],
  dataDir: string,
): void {
  if (process.env.AVTALA_ANNOUNCE === 'json') {
    const clustersIn = clusters?.where ?? null;
    console.log(
      JSON.stringify({
        ready: true,
        address: host.address,
        sandbox: sandbox?.control ?? null,
        dataDir,
        clusters: clustersIn,
      }),
    );
    return;
  }
  console.log(`\nAvtala is ready at ${host.address}`);
  if (clusters?.moved)
    console.log(`The databases are in ${clusters.moved}, since their system user cannot reach this directory.`);
  if (!sandbox) return;
  console.log(`Sandbox: nothing leaves this machine. Clock, mailboxes, CRM and calendars: ${sandbox.control}\n`);
  console.log('Sign-ins (sandbox only):');
  for (const s of staff)
    console.log(`  ${s.role.padEnd(10)} ${s.email.padEnd(28)} password ${s.password}  TOTP ${s.totpSecret}`);
  console.log('\nCtrl-C stops everything; the data stays in ' + dataDir);
}

await main();
