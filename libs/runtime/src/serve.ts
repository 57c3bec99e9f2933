import { existsSync } from 'node:fs';
import { ConfigInvalid, parseConfig, RuntimeEnv } from './env.js';
import { startHost, type Host } from './host.js';
import { refuseMadeUpDefaults } from './real-world.js';
import type { ServiceDefinition } from './service-definition.js';

/**
 * A process with one service in it, until SIGINT or SIGTERM: what a container runs. It needs PostgreSQL, the key store, the secrets'
 * directory and, with services in other databases, Kafka; nothing is started beside it. Prints one line of JSON when it is ready.
 * @param definition the service; the schemas of the others are their own business
 */
export async function serve(definition: ServiceDefinition): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  let host: Host | undefined;
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await host?.stop();
    process.exit(code);
  };
  process.once('SIGINT', () => void stop(0));
  process.once('SIGTERM', () => void stop(0));
  try {
    const env = parseConfig(RuntimeEnv, process.env);
    const elsewhere = ['scheduling', 'crm-sync'].includes(definition.name) && !env.LEAD_INTAKE_URL;
    if (elsewhere)
      throw new ConfigInvalid(['LEAD_INTAKE_URL: contact data is read at lead-intake, which runs elsewhere']);
    if (!env.AVTALA_TEST_CLOCK) refuseMadeUpDefaults(process.env);
    host = await startHost([definition], [definition], env);
    console.log(JSON.stringify({ ready: true, service: definition.name, address: host.address }));
  } catch (error) {
    if (!stopping) console.error(error instanceof Error ? error.message : error);
    await stop(1);
  }
}
