// Reads every controller as the compiler sees it and writes one OpenAPI 3.1 document a service (apps/<service>/openapi.json), from which the
// api-client is made. Nest's own generator knows classes alone; answers here are whatever a method's declared return type says, so a
// document cannot promise a field the code does not have. `--check` fails when a file differs instead of writing it.
import ts from 'typescript';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../jest.mjs';
import { PROBLEM } from './problem.mjs';
import { compilerConfig, decorators, docOf, isOptional, text, withoutUndefined } from './reading.mjs';
import { Schemas } from './schemas.mjs';

const VERBS = ['Get', 'Post', 'Put', 'Patch', 'Delete'];
const INTERNAL = /^\/(internal|api\/v1\/test)\//;

const config = compilerConfig();
const controllersOf = (service) =>
  ts.sys.readDirectory(join(root, 'apps', service, 'src'), ['.ts']).filter((f) => f.endsWith('.controller.ts'));
const services = readdirSync(join(root, 'apps')).filter(
  (s) => ts.sys.fileExists(join(root, 'apps', s, 'src/main.ts')) && s !== 'sandbox' && controllersOf(s).length > 0, // servers of pages have none
);
const shared = ts.sys
  .readDirectory(join(root, 'libs/runtime/src'), ['.ts'])
  .filter((f) => f.endsWith('.controller.ts'));
const program = ts.createProgram([...services.flatMap(controllersOf), ...shared], config.options);
const checker = program.getTypeChecker();

/** One document: paths, and the named types they use. */
class Document {
  paths = {};
  schemas = new Schemas(checker);

  constructor(service) {
    this.service = service;
  }

  controller(node) {
    const [path] = decorators(node).find((d) => d.name === 'Controller').args;
    const base =
      text(path) ??
      path
        ?.getText()
        .replaceAll(/[`]/g, '')
        .replace(/\$\{[^}]*\}/, this.service) ??
      '';
    const allowed = decorators(node);
    for (const method of node.members.filter(ts.isMethodDeclaration)) {
      const own = decorators(method);
      for (const verb of own.filter((d) => VERBS.includes(d.name))) {
        const at = `/${[base, text(verb.args[0]) ?? ''].filter(Boolean).join('/')}`
          .replaceAll(/:(\w+)/g, '{$1}')
          .replaceAll('\\', '');
        if (INTERNAL.test(at)) continue;
        (this.paths[at] ??= {})[verb.name.toLowerCase()] = this.operation(
          method,
          own,
          allowed,
          at,
          verb.name.toLowerCase(),
        );
      }
    }
  }

  operation(method, own, ofClass, at, verb) {
    const find = (name) => own.find((d) => d.name === name) ?? ofClass.find((d) => d.name === name);
    const parameters = [];
    let body;
    for (const p of method.parameters) {
      for (const d of decorators(p)) {
        const type = checker.getTypeAtLocation(p);
        if (d.name === 'Param')
          parameters.push({
            name: text(d.args[0]),
            in: 'path',
            required: true,
            schema: d.args[1]?.getText() === 'IdPipe' ? { type: 'string', format: 'uuid' } : { type: 'string' },
          });
        else if (d.name === 'Query') parameters.push(...this.queryOf(type, text(d.args[0])));
        else if (d.name === 'Body')
          body = { required: true, content: { 'application/json': { schema: this.schemas.of(type) } } };
        else if (d.name === 'IdempotentKey')
          parameters.push({
            name: 'Idempotency-Key',
            in: 'header',
            required: true,
            description: 'The same key with the same body is one act, for seven days.',
            schema: { type: 'string', minLength: 1, maxLength: 200 },
          });
        else if (d.name === 'Headers' && text(d.args[0]))
          parameters.push({ name: text(d.args[0]), in: 'header', required: false, schema: { type: 'string' } });
        else if (d.name === 'RawBody' || d.name === 'Req')
          body ??=
            verb === 'get'
              ? undefined
              : { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
      }
    }
    if (own.some((d) => d.name === 'RawBody'))
      body = {
        required: true,
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      };
    const status = find('HttpCode')?.args[0]?.getText() ?? (verb === 'post' ? '201' : '200');
    const media = own.find((d) => d.name === 'Header' && /content-type/i.test(text(d.args[0]) ?? ''))?.args[1];
    const answer = this.answerOf(method, own, text(media));
    const [summary, ...rest] = docOf(checker.getSymbolAtLocation(method.name), checker).split(/(?<=\.)\s+(?=[A-Z@])/);
    const roles = find('Allow')?.args.map(text).filter(Boolean) ?? [];
    return {
      operationId: `${verb}${at.replace('/api/v1', '').replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, c) => (c ?? '').toUpperCase())}`,
      ...(summary ? { summary } : {}),
      ...(rest.length ? { description: rest.join(' ') } : {}),
      tags: [this.service],
      ...(find('Public') ? { security: [] } : {}),
      ...(roles.length ? { 'x-roles': roles } : {}),
      ...(find('StepUp') ? { 'x-step-up': true } : {}),
      ...(parameters.length ? { parameters } : {}),
      ...(body ? { requestBody: body } : {}),
      responses: {
        [status]: { description: 'Done', ...(answer ? { content: answer } : {}) },
        default: {
          description: 'A problem (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    };
  }

  answerOf(method, own, media) {
    const streamed = own.filter((d) => d.name === 'EventStream');
    // OpenAPI has no words for server-sent events: each event's name, and what its data is.
    if (streamed.length)
      return {
        'text/event-stream': {
          schema: { type: 'string' },
          'x-events': Object.fromEntries(
            streamed.map(({ args }) => [
              text(args[0]),
              this.schemas.of(checker.getDeclaredTypeOfSymbol(checker.getSymbolAtLocation(args[1]))),
            ]),
          ),
        },
      };
    const signature = checker.getSignatureFromDeclaration(method);
    const type = returned(signature);
    if (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return undefined;
    if (checker.typeToString(type) === 'StreamableFile')
      return { [media ?? 'application/octet-stream']: { schema: { type: 'string', format: 'binary' } } };
    const kind = media?.split(';')[0] ?? 'application/json';
    return {
      [kind]: {
        schema:
          type.flags & ts.TypeFlags.String && kind === 'application/json'
            ? {}
            : this.schemas.of(withoutUndefined(type)),
      },
    };
  }

  queryOf(type, name) {
    if (name) return [{ name, in: 'query', required: false, schema: { type: 'string' } }];
    return type.getProperties().map((property) => {
      const schema = this.schemas.property(property);
      const { description, ...rest } = schema;
      return {
        name: property.name,
        in: 'query',
        required: !isOptional(property),
        ...(description ? { description } : {}),
        schema: rest,
      };
    });
  }

  toJSON() {
    return {
      openapi: '3.1.0',
      info: {
        title: `Avtala ${this.service}`,
        version: '1',
        description: 'Generated from the controllers by `npm run docs`; do not edit.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ session: [] }, { apiKey: [] }],
      paths: sorted(this.paths),
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: '__Host-avtala', description: 'A signed-in person.' },
          apiKey: { type: 'http', scheme: 'bearer', description: "A supplier's key, avt_…" },
        },
        schemas: sorted({ ...this.schemas.byName, Problem: PROBLEM }),
      },
    };
  }
}

const sorted = (o) => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)));
function returned(signature) {
  const type = checker.getReturnTypeOfSignature(signature);
  return checker.getAwaitedType(type) ?? type;
}

let differs = false;
for (const service of services) {
  const document = new Document(service);
  for (const file of [...controllersOf(service), ...shared]) {
    const visit = (node) => {
      if (ts.isClassDeclaration(node) && decorators(node).some((d) => d.name === 'Controller'))
        document.controller(node);
      ts.forEachChild(node, visit);
    };
    visit(program.getSourceFile(file));
  }
  const out = join(root, 'apps', service, 'openapi.json');
  const json = `${JSON.stringify(document, null, 1)}\n`;
  if (!process.argv.includes('--check')) await writeFile(out, json);
  else if ((await readFile(out, 'utf8').catch(() => '')) !== json) {
    console.error(`apps/${service}/openapi.json differs from the controllers: run \`npm run docs\``);
    differs = true;
  }
}
process.exit(differs ? 1 : 0);
