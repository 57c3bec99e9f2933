import { Refusal, type Reply } from '../web.js';
import { itemError } from './errors.js';
import type { Org, SRecord } from './org.js';
import { emptyFromBin } from './removal.js';

const MOST = 200;
const XML = { 'content-type': 'text/xml; charset=utf-8' };

const envelope = (body: string): Uint8Array =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  );

export const fault = (code: string, message: string): Reply => ({
  status: 500,
  headers: XML,
  raw: envelope(
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${message}</faultstring></soapenv:Fault>`,
  ),
});

/** The session a SOAP request carries in its own header. */
export const sessionOf = (text: string): string | undefined => /<sessionId>([^<]+)<\/sessionId>/.exec(text)?.[1];

/** The one method this stand-in speaks: `emptyRecycleBin(ids ≤ 200)`. */
export async function emptyRecycleBin(org: Org, text: string, lies: () => boolean): Promise<Reply> {
  const body = /<emptyRecycleBin>((?:<ids>[^<]*<\/ids>)*)<\/emptyRecycleBin>/.exec(text)?.[1];
  if (body === undefined) throw new Refusal(fault('UNKNOWN_EXCEPTION', 'no such operation'));
  const ids = [...body.matchAll(/<ids>([^<]*)<\/ids>/g)].map((m) => m[1]!);
  if (ids.length > MOST) {
    org.counts.over200 += 1;
    throw new Refusal(fault('EXCEEDED_ID_LIMIT', 'too many ids'));
  }
  const dropped: SRecord[] = [];
  const results = ids.map((id) => {
    if (lies()) return `<result><id>${id}</id><success>true</success></result>`;
    const done = org.settings.emptyBin
      ? emptyFromBin(org, id)
      : { dropped: [], error: itemError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights') };
    dropped.push(...done.dropped);
    return done.error
      ? `<result><errors><message>${done.error.message}</message><statusCode>${done.error.statusCode}</statusCode></errors><id>${id}</id><success>false</success></result>`
      : `<result><id>${id}</id><success>true</success></result>`;
  });
  await org.saved(dropped);
  return {
    status: 200,
    headers: XML,
    raw: envelope(`<emptyRecycleBinResponse>${results.join('')}</emptyRecycleBinResponse>`),
  };
}
