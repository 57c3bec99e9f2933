import { describe, expect, it, test } from '@jest/globals';
import { AnswerRefused, guardXml } from './xml-guard.js';

const answer = (body: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<multistatus xmlns="DAV:">${body}</multistatus>`;

describe('guardXml', () => {
  it('lets an ordinary answer through', () => {
    guardXml(answer('<response><href>/a&amp;b/</href><!-- <x> --><d><![CDATA[<!DOCTYPE &x; >]]></d></response>'));
    guardXml(answer(`<p a="x > y" b='"'/>&#228;&#xe4;`));
  });

  test.each([
    ['a document type', '<!DOCTYPE x SYSTEM "http://127.0.0.1/x"><x/>'],
    [
      'a billion laughs',
      `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;">]><lolz>&lol1;</lolz>`,
    ],
    ['an external entity', `<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><foo>&xxe;</foo>`],
    ['an entity nobody defined', answer('<href>&xxe;</href>')],
    ['an entity in an attribute', answer('<href a="&xxe;"/>')],
    ['a stylesheet', `<?xml-stylesheet href="http://127.0.0.1/"?><x/>`],
    ['a depth no answer has', '<a>'.repeat(40) + '</a>'.repeat(40)],
    ['a comment without an end', answer('<!-- ')],
    ['a tag without an end', '<multistatus'],
    ['no XML', 'It works!'],
    ['more elements than any calendar has', answer('<a/>'.repeat(200_001))],
  ])('refuses %s', (_, text) => {
    expect(() => guardXml(text)).toThrow(AnswerRefused);
  });
});
