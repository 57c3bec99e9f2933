import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { Cluster } from '@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Service } from 'kubernetes-models/v1/Service';
import { expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { SERVICES } from './services.js';

const root = join(import.meta.dirname, '../../..');
const MODELS = {
  ConfigMap,
  Cluster,
  Deployment,
  Ingress,
  Job,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ScaledObject,
  Service,
};
/** Strimzi publishes no model for npm: these are parsed only. */
const PARSED_ONLY = ['Kafka', 'KafkaNodePool', 'KafkaTopic', 'Kustomization'];

interface Manifest {
  readonly file: string;
  readonly kind: string;
  readonly metadata?: { readonly name: string };
  readonly [field: string]: unknown;
}
interface Container {
  readonly image: string;
  readonly command: string[];
  readonly ports: { containerPort: number }[];
  readonly securityContext: Record<string, unknown>;
  readonly resources: { requests: object; limits: { memory: string } };
  readonly [probe: string]: unknown;
}

const manifests: Manifest[] = globSync('k8s/**/*.yaml', { cwd: root }).flatMap((file) =>
  parseAllDocuments(readFileSync(join(root, file), 'utf8')).map((document) => {
    expect([file, document.errors]).toEqual([file, []]);
    return { ...(document.toJS() as Manifest), file };
  }),
);
const ofKind = (kind: string) => manifests.filter((m) => m.kind === kind);
const named = (kind: string, name: string) => ofKind(kind).find((m) => m.metadata?.name === name);
const podOf = (m: Manifest) =>
  (m.spec as { template: { spec: { containers: Container[]; securityContext: object } } }).template.spec;
const configured = (named('ConfigMap', 'avtala') as unknown as { data: Record<string, string> }).data;

test.each(
  manifests
    .filter((m) => !PARSED_ONLY.includes(m.kind))
    .map((manifest) => ({ name: `${manifest.file} ${manifest.kind} ${manifest.metadata?.name}`, manifest })),
)('$name is what its API takes', ({ manifest: { file: _, ...manifest } }) => {
  const Model = MODELS[manifest.kind as keyof typeof MODELS] as new (data: unknown) => { validate(): void };
  new Model(manifest).validate();
});

test('every kustomization names files that exist, and every file is named', () => {
  for (const k of ofKind('Kustomization')) {
    const here = dirname(k.file);
    const generated = ((k.configMapGenerator ?? []) as { files: string[] }[]).flatMap((g) => g.files);
    for (const resource of [...(k.resources as string[]), ...generated])
      expect(existsSync(join(root, here, resource))).toBe(true);
    const beside = globSync('*.yaml', { cwd: join(root, here) }).filter((f) => f !== 'kustomization.yaml');
    expect(beside.filter((f) => !(k.resources as string[]).includes(f))).toEqual([]);
  }
});

test('each service has a Deployment of its own that is not root, is probed and limited, and a Service', () => {
  for (const { name } of SERVICES) {
    const pod = podOf(named('Deployment', name)!);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    const [container] = pod.containers;
    expect(container).toMatchObject({
      command: ['node', `apps/${name}/dist/main.js`],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) expect(container![probe]).toBeDefined();
    expect(container!.resources.limits.memory).toBeDefined();
    expect(container!.ports.map((p) => String(p.containerPort))).toEqual([configured.PORT, configured.METRICS_PORT]);
    expect(existsSync(join(root, `apps/${name}/src/main.ts`))).toBe(true);
    expect(named('Service', name)).toBeDefined();
  }
});

test('the console’s files are served by a Deployment that is told nothing and reaches nobody', () => {
  const [container] = podOf(named('Deployment', 'web')!).containers;
  expect(container).toMatchObject({
    command: ['node', 'apps/web-server/dist/main.js'],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    env: [{ name: 'HOST', value: '0.0.0.0' }],
  });
  expect(container).not.toHaveProperty('envFrom');
  expect(container!.ports.map((p) => String(p.containerPort))).toEqual([configured.PORT]);
  expect(existsSync(join(root, 'apps/web-server/src/main.ts'))).toBe(true);
  expect(named('Service', 'web')).toBeDefined();
  expect(named('NetworkPolicy', 'the-console-to-nobody')!.spec).not.toHaveProperty('egress');
});

test('services are told only what they read, and nothing secret', () => {
  const documented = readFileSync(join(root, '.env.example'), 'utf8');
  for (const name of Object.keys(configured)) expect([name, documented.includes(`# ${name}=`)]).toEqual([name, true]);
  expect(ofKind('Secret')).toEqual([]);
  for (const url of [configured.AVTALA_DATABASE_URL, configured.AVTALA_KEYS_URL])
    expect(new URL(url!).password).toBe('');
});

test('scaling follows the groups and topics that the consumers really have', () => {
  const scaled = ofKind('ScaledObject');
  const topics = ofKind('KafkaTopic').map((t) => t.metadata!.name);
  expect(topics.sort()).toEqual(SERVICES.map((s) => `avtala.${s.name}`).sort());
  const asyncapi = JSON.parse(readFileSync(join(root, 'docs/asyncapi.json'), 'utf8')) as { operations: object };
  const reads = Object.keys(asyncapi.operations).filter((o) => o.includes('.receive.'));
  const triggers = scaled.flatMap((s) =>
    (s.spec as { triggers: { metadata: { consumerGroup: string; topic: string } }[] }).triggers.map(
      ({ metadata: m }) => {
        expect(m.consumerGroup).toBe(`avtala.${s.metadata!.name}`);
        return `${s.metadata!.name}.receive.${m.topic.slice('avtala.'.length)}`;
      },
    ),
  );
  expect(triggers.sort()).toEqual(reads.sort());
});
