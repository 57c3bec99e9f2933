import { expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const outside = (file: string) => /node_modules|\/dist\//.test(file);

test('links between documents lead somewhere', () => {
  const documents = globSync(['*.md', 'docs/**/*.md', 'apps/*/*.md', 'samples/*.md'], { cwd: root });
  const broken = documents
    .filter((f) => !outside(f))
    .flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((m) => m[1]!)
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(file), link)))
        .map((link) => `${file}: ${link}`),
    );
  expect(broken).toEqual([]);
});

test('documents and sections that comments name are there', () => {
  const sources = globSync(['{apps,libs}/*/{src,test}/**/*.ts', 'e2e/**/*.ts', 'tools/*.mjs'], { cwd: root });
  const missing = new Set<string>();
  for (const file of sources.filter((f) => !outside(f) && !f.endsWith('documents.spec.ts'))) {
    // The document's name, and the section if one is named: "protocols.md §10", "security.md 1.3".
    for (const [, name, section] of read(file).matchAll(/(?<!-)\b([a-z]+)\.md(?: §?(\d+(?:\.\d+)?))?/g)) {
      const document = join(root, 'docs', `${name}.md`);
      const there = existsSync(document) ? readFileSync(document, 'utf8') : undefined;
      const heading = section && new RegExp(`^#+ ${section.replace('.', '\\.')}[. ]`, 'm');
      const numbered = section && new RegExp(`^${section.split('.')[1] ?? '-'}\\. `, 'm'); // "style.md §5.2" is a numbered line
      if (there === undefined) missing.add(`${file}: ${name}.md`);
      else if (heading && !heading.test(there) && !(numbered && numbered.test(there)))
        missing.add(`${file}: ${name}.md §${section}`);
    }
  }
  expect([...missing].sort()).toEqual([]);
});
