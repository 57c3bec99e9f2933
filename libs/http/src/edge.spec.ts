import { AppError, Missing, RetryLater } from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsOptional, Max, ValidateNested } from 'class-validator';
import { configureHttp } from './configure.js';
import { IdempotentKey, type IdempotencyClaim } from './idempotency.js';
import { RawBody } from './json-body.js';
import type { Problem } from './problem.js';
import { IdPipe } from './validation.js';

class Inner {
  @IsInt() @Max(10) size!: number;
}
class Shape {
  @IsEmail() email!: string;
  @IsOptional() @ValidateNested() @Type(() => Inner) inner?: Inner;
}
class SlotTaken extends AppError {
  readonly code = 'slot-taken';
  readonly kind = 'conflict';
}

@Controller()
class Things {
  @Post('things') make(@Body() body: Shape) {
    return { ok: body.email.length };
  }
  @Post('keyed') keyed(@IdempotentKey() claim: IdempotencyClaim) {
    return { route: claim.route, principal: claim.principal, hmac: claim.bodyHmac.toString('hex') };
  }
  @Post('raw') @RawBody() async raw(@Req() request: AsyncIterable<Buffer>) {
    let text = '';
    for await (const chunk of request) text += chunk.toString();
    return text;
  }
  @Get('things/:id') one(@Param('id', IdPipe) id: string) {
    return { id };
  }
  @Get('fails/:how') fails(@Param('how') how: string) {
    if (how === 'taken') throw new SlotTaken('That slot was just taken', { hostId: 'h1' });
    if (how === 'missing') throw new Missing('booking');
    if (how === 'later') throw new RetryLater('contacts-unreachable');
    if (how === 'database') throw Object.assign(new Error('terminating'), { code: '57P01' });
    throw new Error('duplicate key (email)=(anna@client.example)');
  }
}
@Module({ controllers: [Things] })
class App {}

let app: NestExpressApplication;
let url = '';
beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(App, { logger: false, bodyParser: false });
  configureHttp(app, { bodyLimit: 1_000 });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(() => app.close());

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body = (await response.json()) as Problem;
  expect(body.status).toBe(response.status);
  expect(body.type).toBe(`urn:avtala:problem:${body.code}`);
  return body;
}

describe('problem details', () => {
  test.each([
    ['taken', 409, 'slot-taken'],
    ['missing', 404, 'not-found'],
    ['later', 503, 'contacts-unreachable'],
    ['database', 503, 'database-busy'],
    ['unexpected', 500, 'unexpected'],
  ])('%s → %i %s', async (how, status, code) => {
    const answer = await problem(await fetch(`${url}/fails/${how}`));
    expect(answer).toMatchObject({ status, code });
    expect(JSON.stringify(answer)).not.toContain('anna');
    if (status === 500) expect(answer.errorId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ['{"email": "anna@cli', 400, 'json-invalid'],
    ['"text"', 400, 'json-invalid'],
    [JSON.stringify({ email: `${'a'.repeat(2_000)}@client.example` }), 413, 'too-large'],
    ['{}', 400, 'request-invalid'],
  ])('a body %.20s… → %i %s', async (body, status, code) => {
    const answer = await problem(await post('/things', body));
    expect(answer).toMatchObject({ status, code });
    expect(JSON.stringify(answer)).not.toMatch(/anna|aaaa/);
  });

  it('names field and rule, never the value', async () => {
    const answer = await problem(
      await post('/things', JSON.stringify({ email: 'anna@', inner: { size: 4711 }, vip: 'ja' })),
    );
    expect(answer.errors!.map((e) => [e.field, e.rule])).toEqual([
      ['vip', 'unknown'],
      ['email', 'isEmail'],
      ['inner.size', 'max'],
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/anna|4711|ja"/);
  });

  test.each([
    ['/nowhere', 404],
    ['/things/%E0%A4%A', 400],
    ['/things/17', 404],
  ])('%s → %i', async (path, status) => {
    expect((await problem(await fetch(url + path))).status).toBe(status);
  });

  it('sends the security headers on answers and on problems', async () => {
    for (const path of ['/fails/taken', '/things/019a0000-0000-7000-8000-000000000001']) {
      const { headers } = await fetch(url + path);
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("default-src 'self';object-src 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

describe('JSON that parses and cannot be used (ASVS 3.5.2, 15.3.6)', () => {
  const nested = (levels: number) => `{"email":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  test.each<[string, string | Buffer, number, string, Record<string, string>]>([
    ['a NUL in a text', '{"email":"a\\u0000@client.example"}', 400, 'json-unusable', {}],
    ['half a surrogate pair', '{"email":"\\ud800@client.example"}', 400, 'json-unusable', {}],
    ['a NUL in a name', '{"a\\u0000":1}', 400, 'json-unusable', {}],
    ['bytes that are no UTF-8', Buffer.from('{"email":"\xe5@client.example"}', 'latin1'), 400, 'json-unusable', {}],
    ['a number beyond all numbers', '{"inner":{"size":1e999}}', 400, 'json-unusable', {}],
    ['450 levels', nested(450), 400, 'json-unusable', {}],
    ['__proto__', '{"__proto__":{"role":"admin"},"email":"a@client.example"}', 400, 'json-unusable', {}],
    ['constructor', '{"inner":{"constructor":{}},"email":"a@client.example"}', 400, 'json-unusable', {}],
    ['toString', '{"toString":1,"email":"a@client.example"}', 400, 'json-unusable', {}],
    ['hasOwnProperty', '{"hasOwnProperty":1,"email":"a@client.example"}', 400, 'json-unusable', {}],
    ['prototype', '{"prototype":1,"email":"a@client.example"}', 400, 'json-unusable', {}],
    ['another type', '{"email":"a@client.example"}', 415, 'unsupported-media-type', { 'content-type': 'text/plain' }],
    ['another charset', '{}', 415, 'unsupported-media-type', { 'content-type': 'application/json; charset=utf-16' }],
  ])('%s', async (_, body, status, code, headers) => {
    const answer = await problem(
      await fetch(`${url}/things`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body as string)),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
    expect(answer).toMatchObject({ status, code });
    expect(JSON.stringify(answer)).not.toContain('client');
  });

  it('a handler that reads the stream itself takes any type', async () => {
    const response = await post('/raw', 'a;b', { 'content-type': 'text/csv' });
    expect([response.status, await response.text()]).toEqual([201, 'a;b']);
  });
});

describe('idempotency keys', () => {
  it('are asked for on every POST that declares them', async () => {
    expect(await problem(await post('/keyed', '{}'))).toMatchObject({ status: 400, code: 'idempotency-key-missing' });
  });

  it('keep an HMAC of the body that does not depend on the order of its fields', async () => {
    const claim = async (body: string) =>
      (await (await post('/keyed?x=1', body, { 'idempotency-key': 'k1' })).json()) as Record<string, string>;
    const [a, b, c] = [await claim('{"x":1,"y":2}'), await claim('{"y":2,"x":1}'), await claim('{"y":2,"x":2}')];
    expect(a.route).toBe('POST /keyed');
    expect(a.hmac).toBe(b.hmac);
    expect(a.hmac).not.toBe(c.hmac);
  });
});
