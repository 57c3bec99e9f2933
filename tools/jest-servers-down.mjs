// jest's globalTeardown: stops what tools/jest-servers.mjs started, last first.
export default async function teardown() {
  for (const stop of (globalThis.__avtalaServers ?? []).reverse()) await stop();
}
