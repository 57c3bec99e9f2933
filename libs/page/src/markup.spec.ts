import { expect, it, test } from '@jest/globals';
import { markup } from './markup.js';
import { document } from './document.js';

const EVIL = `"><script>alert('1')</script>&\``;

test.each([
  ['text', markup`<p>${EVIL}</p>`],
  ['an attribute', markup`<p title="${EVIL}"></p>`],
  ['a list', markup`<p>${[EVIL, EVIL]}</p>`],
  ['a list in a list', markup`<p>${[[EVIL]]}</p>`],
  ['what looks like markup of ours', markup`<p>${{ toString: () => EVIL } as never}</p>`],
])('%s cannot break out', (_, made) => {
  expect(String(made)).not.toMatch(/<script|"><script|'1'/);
  expect(String(made)).toContain('&#60;script&#62;');
});

it('what markup made stands as it is, once; what is not there is left out', () => {
  expect(String(markup`<ul>${['a', 'b'].map((x) => markup`<li>${x}</li>`)}${null}${undefined}${false}${0}</ul>`)).toBe(
    '<ul><li>a</li><li>b</li>0</ul>',
  );
});

it('a page escapes all it is given', () => {
  const made = document({
    language: 'sv',
    title: EVIL,
    head: { name: EVIL, by: EVIL },
    otherLanguage: { href: `/p/x?zone=${EVIL}` },
    main: markup`<h1>${EVIL}</h1>`,
    footer: markup`${EVIL}`,
    sandbox: true,
  });
  expect(made).not.toMatch(/<script|alert\('/);
});
