import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES } from './services.js';

const root = join(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const variables = Object.fromEntries([...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => [name!, 'x']));

/** Debian's docker-compose needs no engine to read a file. On a newcomer's machine without it the test is skipped, in CI it fails. */
const there = spawnSync('docker-compose', ['version'], { stdio: 'ignore' }).status === 0;
if (!there) console.error('docker-compose is not installed: docker-compose.yml is checked by its own test only');
const inTool = there || process.env.CI === 'true' ? test : test.skip;

inTool(
  'docker-compose takes docker-compose.yml',
  () => {
    const env = { PATH: process.env.PATH, HOME: root, ...variables };
    const { status, stderr } = spawnSync('docker-compose', ['config', '-q'], { cwd: root, env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  },
  60_000,
);

test('each service is a container of its own without a superuser; only provisioning has one', () => {
  const compose = parse(text, { merge: true }) as {
    services: Record<string, { command: string[]; environment: Record<string, string>; read_only?: boolean }>;
  };
  for (const { name } of SERVICES) {
    const service = compose.services[name]!;
    expect(service.command).toEqual(['node', `apps/${name}/dist/main.js`]);
    expect(service.environment.AVTALA_PROVISION).toBe('off');
    expect(service.read_only).toBe(true);
    for (const url of ['AVTALA_DATABASE_URL', 'AVTALA_KEYS_URL'])
      expect(new URL(service.environment[url]!).password).toBe('');
  }
  expect(compose.services.web).toMatchObject({
    command: ['node', 'apps/web-server/dist/main.js'],
    environment: { HOST: '0.0.0.0' },
    volumes: [],
    read_only: true,
  });
  expect(compose.services.provision!.environment.AVTALA_PROVISION).toBe('on');
});
