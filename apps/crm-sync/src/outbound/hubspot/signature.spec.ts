import { expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { isHubSpots, signatureOf, type Signed } from './signature.js';

const NOW = 1_800_000_000_000;
const request = (more: Partial<Signed> = {}): Signed => {
  const r = {
    method: 'POST',
    uri: 'https://avtala.example/api/v1/webhooks/hubspot',
    body: Buffer.from('[{"eventId":1}]'),
    timestamp: String(NOW),
    ...more,
  };
  return { signature: signatureOf('secret', r), ...r };
};

test('is the HMAC of method, address, body and timestamp', () => {
  const text = `POSThttps://avtala.example/api/v1/webhooks/hubspot[{"eventId":1}]${NOW}`;
  expect(request().signature).toBe(createHmac('sha256', 'secret').update(text).digest('base64'));
});

test.each<[string, Signed, boolean]>([
  ['right', request(), true],
  ['nearly five minutes old', request({ timestamp: String(NOW - 299_999) }), true],
  ['more than five minutes old', request({ timestamp: String(NOW - 300_001) }), false],
  ['from the future', request({ timestamp: String(NOW + 300_001) }), false],
  ['no time', { ...request(), timestamp: undefined }, false],
  ['a time that is no number', request({ timestamp: '1e13' }), false],
  ['an old signature under a new time', { ...request({ timestamp: '1' }), timestamp: String(NOW) }, false],
  ['no signature', { ...request(), signature: undefined }, false],
  ['an empty signature', { ...request(), signature: '' }, false],
  ['cut short', { ...request(), signature: request().signature!.slice(0, -1) }, false],
  ['another method', { ...request(), method: 'PUT' }, false],
  ['another address', { ...request(), uri: 'https://evil.example/api/v1/webhooks/hubspot' }, false],
  ['http for https', { ...request(), uri: 'http://avtala.example/api/v1/webhooks/hubspot' }, false],
  ['another body', { ...request(), body: Buffer.from('[{"eventId":2}]') }, false],
  ['bytes that are no text', request({ body: Buffer.from([0xff, 0xfe, 0x00]) }), true],
  ['another secret', { ...request(), signature: signatureOf('other', request()) }, false],
])('%s', (_, signed, expected) => {
  expect(isHubSpots('secret', signed, NOW)).toBe(expected);
});

test.each([
  ['%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B', ":/?@!$'()*,;"],
  ['%20%C3%A5%2B%26', '%20%C3%A5%2B%26'], // others stay as they were sent
])('escapes of certain characters in the address stand for the characters: %s', (sent, signed) => {
  const at = 'https://avtala.example/hook?x=';
  const signature = signatureOf('secret', { ...request(), uri: at + signed });
  expect(isHubSpots('secret', { ...request(), uri: at + sent, signature }, NOW)).toBe(true);
});
