import { afterEach, describe, expect, it, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReconnectNeeded, VendorRefused } from '../vendor-errors.js';
import { causeOf, isTransient, outcomesOf, refusalOf } from './answers.js';
import { isSalesforceHost, salesforceTokens } from './oauth.js';

describe('reading answers', () => {
  it('one outcome per record, in the order of the request; what was the wrong moment has none', () => {
    const answer = [
      { id: '00Q5e0000000001AAA', success: true, errors: [] },
      { success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: 'x', fields: [] }] },
      {
        success: false,
        errors: [{ statusCode: 'STRING_TOO_LONG', message: 'Zebulon is too long', fields: ['LastName'] }],
      },
    ];
    const outcomes = outcomesOf(answer, ['a', 'b', 'c']);
    expect(outcomes.map((o) => [o.key, o.ok])).toEqual([
      ['a', true],
      ['c', false],
    ]);
    expect(JSON.stringify(outcomes)).not.toContain('Zebulon');
  });

  it.each(['duplicateResult', 'duplicateResut'])('the surest of the records a rule names (%s)', (name) => {
    const match = (Id: string, matchConfidence: number) => ({ matchConfidence, record: { Id } });
    const matchRecords = [match('00Q5e0000000001AAA', 60), match('00Q5e0000000002AAA', 95)];
    const error = {
      statusCode: 'DUPLICATES_DETECTED',
      message: '',
      fields: [],
      [name]: { matchResults: [{ matchRecords }] },
    };
    expect(outcomesOf([{ success: false, errors: [error] }], ['a'])).toMatchObject([
      { existingId: '00Q5e0000000002AAA' },
    ]);
  });

  it('an error keeps code and field names, no words', () => {
    const error = Object.assign(new Error('Zebulon'), {
      errorCode: 'INVALID_FIELD',
      data: { errorCode: 'INVALID_FIELD', message: 'Zebulon', fields: ['LastName', 'not a name!'] },
    });
    const refusal = refusalOf(error);
    expect([refusal.code, refusal.fields]).toEqual(['INVALID_FIELD', ['LastName']]);
    expect(JSON.stringify(refusal) + refusal.message).not.toContain('Zebulon');
  });

  it('SOAP’s codes are the same codes', () => {
    expect(causeOf(Object.assign(new Error(), { errorCode: 'sf:INVALID_SESSION_ID' })).code).toBe('INVALID_SESSION_ID');
    expect(causeOf(new TypeError('fetch failed')).code).toBeUndefined();
    expect(['ERROR_HTTP_502', 'SERVER_UNAVAILABLE', 'INVALID_FIELD'].map(isTransient)).toEqual([true, true, false]);
  });
});

test.each([
  ['nordkund.my.salesforce.com', true],
  ['login.salesforce.com', true],
  ['salesforce.com.evil.example', false],
  ['evilsalesforce.com', false],
  ['127.0.0.1', false],
])('%s is Salesforce’s: %s', (host, is) => {
  expect(isSalesforceHost(host)).toBe(is);
});

describe('a token endpoint that says strange things', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());
  const answering = async (status: number, body: string): Promise<string> => {
    server = createServer((_, res) => res.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body));
    await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const ask = (loginUrl: string) =>
    salesforceTokens(
      { clientId: 'c', clientSecret: 's', loginUrl },
      { loginHost: 'login.salesforce.com', refreshToken: 't' },
    );

  it.each<[string, number, string, new (...args: never[]) => Error]>([
    ['sends us elsewhere', 200, '{"access_token":"x","instance_url":"http://127.0.0.1:1"}', VendorRefused],
    ['no JSON', 200, '<html>', ReconnectNeeded],
    ['no address', 200, '{"access_token":"x"}', ReconnectNeeded],
    ['no any more', 400, '{"error":"invalid_grant"}', ReconnectNeeded],
  ])('%s', async (_, status, body, error) => {
    await expect(ask(await answering(status, body))).rejects.toThrow(error);
  });

  it.each([
    [503, '{}', 'salesforce-oauth-unavailable'],
    [302, '', 'salesforce-oauth-unreachable'],
  ])('%i: later', async (status, body, code) => {
    await expect(ask(await answering(status, body))).rejects.toMatchObject({ code });
  });
});
