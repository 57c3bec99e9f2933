// Generates docs/asyncapi.json (AsyncAPI 3.0) from the events in libs/contracts and the handlers that consume them. `--check` fails when the
// file differs instead of writing it.
import ts from 'typescript';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './jest.mjs';
import { compilerConfig, decorators, text } from './openapi/reading.mjs';
import { Schemas } from './openapi/schemas.mjs';

const config = compilerConfig();
const under = (dir) =>
  config.fileNames.filter((f) => f.startsWith(join(root, dir)) && !/\.(spec|fixture|e2e)\.ts$/.test(f));
const sources = [...under('libs/contracts/src'), ...under('apps')];
const program = ts.createProgram(sources, config.options);
const checker = program.getTypeChecker();
const schemas = new Schemas(checker);

const classes = (file, visit) => {
  const walk = (node) => {
    if (ts.isClassDeclaration(node)) visit(node);
    ts.forEachChild(node, walk);
  };
  walk(program.getSourceFile(file));
};
const setting = (node, name) => node?.properties.find((p) => p.name.getText() === name)?.initializer;

const events = new Map();
for (const file of under('libs/contracts/src')) {
  classes(file, (node) => {
    const declared = decorators(node).find((d) => d.name === 'DomainEvent');
    if (!declared) return;
    const type = checker.getTypeAtLocation(node);
    schemas.of(type);
    events.set(node.name.text, {
      type: text(declared.args[0]),
      owner: text(setting(declared.args[1], 'owner')),
      key: text(setting(declared.args[1], 'key')),
    });
  });
}
const consumed = new Map();
for (const file of under('apps')) {
  const service = file.slice(join(root, 'apps').length + 1).split('/')[0];
  classes(file, (node) => {
    for (const method of node.members.filter(ts.isMethodDeclaration))
      for (const { name, args } of decorators(method))
        if (name === 'Consumes')
          (consumed.get(service) ?? consumed.set(service, new Set()).get(service)).add(args[0].getText());
  });
}

const SERVICES = ['agency', 'crm-sync', 'lead-intake', 'retention', 'scheduling'];
const sendersOf = (owner) => (owner === 'holder' ? SERVICES : [owner]);
const channelOf = (service) => `avtala.${service}`;
const ref = (...path) => ({ $ref: `#/${path.map((p) => p.replaceAll('/', '~1')).join('/')}` });

const channels = {};
const operations = {};
const messages = {};
for (const [name, { type, owner, key }] of [...events].sort(([, a], [, b]) => (a.type < b.type ? -1 : 1))) {
  messages[name] = {
    name: type,
    contentType: 'application/cloudevents+json',
    'x-key': key,
    payload: {
      allOf: [
        ref('components', 'schemas', 'Envelope'),
        { properties: { type: { const: type }, data: ref('components', 'schemas', name) } },
      ],
    },
  };
  for (const service of sendersOf(owner)) {
    (channels[channelOf(service)] ??= { address: channelOf(service), messages: {} }).messages[name] = ref(
      'components',
      'messages',
      name,
    );
    (operations[`${service}.send`] ??= {
      action: 'send',
      channel: ref('channels', channelOf(service)),
      messages: [],
    }).messages.push(ref('channels', channelOf(service), 'messages', name));
  }
}
for (const [service, names] of [...consumed].sort(([a], [b]) => (a < b ? -1 : 1)))
  for (const name of [...names].sort())
    for (const sender of sendersOf(events.get(name).owner)) {
      const operation = (operations[`${service}.receive.${sender}`] ??= {
        action: 'receive',
        channel: ref('channels', channelOf(sender)),
        messages: [],
      });
      operation.messages.push(ref('channels', channelOf(sender), 'messages', name));
    }

// The live stream of browsers is no topic: its messages are those that the route declares, as openapi.json has them too.
const LIVE = { file: 'apps/agency/src/inbound/live.controller.ts', address: '/api/v1/live' };
classes(join(root, LIVE.file), (node) => {
  for (const method of node.members.filter(ts.isMethodDeclaration))
    for (const { name, args } of decorators(method)) {
      if (name !== 'EventStream') continue;
      const type = checker.getDeclaredTypeOfSymbol(checker.getSymbolAtLocation(args[1]));
      const message = type.symbol.name;
      schemas.of(type);
      messages[message] = {
        name: text(args[0]),
        contentType: 'application/json',
        payload: ref('components', 'schemas', message),
      };
      (channels.live ??= {
        address: LIVE.address,
        description: 'Server-sent events, one stream for each tab; ids of changes, never a person.',
        messages: {},
      }).messages[message] = ref('components', 'messages', message);
      (operations['agency.send.live'] ??= {
        action: 'send',
        channel: ref('channels', 'live'),
        messages: [],
      }).messages.push(ref('channels', 'live', 'messages', message));
    }
});

const Envelope = {
  type: 'object',
  description: 'CloudEvents 1.0, structured JSON. No event holds personal data.',
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', format: 'uuid', description: 'The same again is the same event.' },
    source: { type: 'string' },
    type: { type: 'string' },
    time: { type: 'string', format: 'date-time', description: 'On the business clock.' },
    subject: { type: 'string', description: 'The key: events of one key keep their order.' },
    engagementid: { type: ['string', 'null'], format: 'uuid' },
    data: {},
  },
  required: ['specversion', 'id', 'source', 'type', 'time', 'subject', 'data'],
};
const sorted = (o) => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)));
const document = {
  asyncapi: '3.0.0',
  info: {
    title: 'Avtala events',
    version: '1',
    description: 'Generated by `npm run docs` from libs/contracts and the handlers; do not edit.',
    license: { name: 'Apache-2.0' },
  },
  defaultContentType: 'application/cloudevents+json',
  channels: sorted(channels),
  operations: sorted(operations),
  components: { messages, schemas: sorted({ ...schemas.byName, Envelope }) },
};

const out = join(root, 'docs/asyncapi.json');
const json = `${JSON.stringify(document, null, 1)}\n`;
if (!process.argv.includes('--check')) await writeFile(out, json);
else if ((await readFile(out, 'utf8').catch(() => '')) !== json) {
  console.error('docs/asyncapi.json differs from the events or their handlers: run `npm run docs`');
  process.exit(1);
}
