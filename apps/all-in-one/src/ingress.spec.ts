import { expect, test } from '@jest/globals';
import { ownerOf, routesOf } from '@avtala/runtime';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxConf } from './ingress.js';
import { SERVICES } from './services.js';

const file = readFileSync(join(import.meta.dirname, '../../../k8s/base/nginx.conf'), 'utf8');
const locations = [...file.matchAll(/location ~ (\S+) \{ proxy_pass http:\/\/(\S+); \}/g)].map(
  ([, regex, service]) => ({
    regex: new RegExp(regex!),
    service,
  }),
);
const ID = '0b0f3c54-5d3e-4a53-9d3f-2f8f6f0a1c01';

test('k8s/base/nginx.conf is what the routes say', () => {
  expect(file).toBe(nginxConf(SERVICES));
});

test('the ingress gives every path to the service that the all-in-one process gives it to', () => {
  const owners = SERVICES.map((s) => ({ name: s.name, routes: routesOf(s) }));
  const patterns = owners.flatMap((o) => o.routes).filter((r) => !/^\/(internal|api\/v1\/test)/.test(r));
  const paths = patterns.flatMap((pattern) => {
    const path = pattern.replace('$', '').replaceAll(/:[A-Za-z]+/g, ID);
    return [path, `${path}/${ID}`, `${path}/${ID}/deeper`];
  });
  for (const path of paths) {
    const owner = ownerOf(owners, path);
    if (owner) expect([path, locations.find((l) => l.regex.test(path))?.service]).toEqual([path, owner.name]);
  }
  expect(paths.length).toBeGreaterThan(60);
});

test('what is internal is not reachable through the ingress', () => {
  for (const path of [
    '/internal/contacts:read',
    '/internal/scheduling/due',
    '/metrics',
    '/health/ready',
    '/api/v1/test/clock',
  ])
    expect(locations.some((l) => l.regex.test(path))).toBe(false);
});

test('what is nobody else’s is a page of the console; below the APIs it does not exist', () => {
  expect(file).toContain(
    'location ~ ^/(api|internal|health|metrics)(/|$) { return 404; }\n  location / { proxy_pass http://web; }',
  );
  for (const path of ['/', '/leads', '/leads/0b0f3c54', '/assets/frame-x.js', '/privacy-centre'])
    expect([path, locations.filter((l) => l.regex.test(path))]).toEqual([path, []]);
});
