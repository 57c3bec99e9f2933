// Boundaries are lint, not manners: projects by Nx tag, rooms of a service by restricted imports.
// Run through `nx run-many -t lint`: plain eslint without a project graph skips the Nx rule and passes.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { readdirSync } from 'node:fs';

const room = (name, ...patterns) => ({
  files: [`apps/*/src/${name}/**/*.ts`],
  ignores: ['**/*.spec.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: patterns.map((p) => ({
          group: [p],
          message: `${name}/ may not import ${p}: imports go inbound → services → {domain, storage, outbound}`,
        })),
      },
    ],
  },
});

const restricted = (selector, message) => ({ selector, message });

const SCREENS = readdirSync('apps/booker-web/src', { withFileTypes: true })
  .filter((e) => e.isDirectory() && !['app', 'keys', 'sign-in', 'theme', 'ui', 'words'].includes(e.name))
  .map((e) => e.name);

/** Screens of the console do not know each other; the router and the menu know them all. */
const screen = (name) => ({
  files: [`apps/booker-web/src/${name}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: SCREENS.filter((other) => other !== name).map((other) => ({
          group: [`**/${other}/*`],
          message: 'A screen imports app/, ui/, words/ and keys/, never another screen.',
        })),
      },
    ],
  },
});

const WRITTEN = 'Texts stand in words/, in both languages.';
const LETTER = '/\\p{L}/u';

export default [
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.data/**',
      '.nx/**',
      'tools/planted/**',
      'libs/api-client/src/generated/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          depConstraints: [
            { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:lib', 'type:contracts', 'type:page'] },
            { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib', 'type:contracts'] },
            {
              sourceTag: 'type:composition',
              onlyDependOnLibsWithTags: ['type:composition', 'type:service', 'type:web', 'type:lib', 'type:contracts'],
            },
            {
              sourceTag: 'type:web',
              onlyDependOnLibsWithTags: ['type:contracts', 'type:api-client', 'type:page'],
            },
            { sourceTag: 'type:page', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:api-client', onlyDependOnLibsWithTags: [] }, // it runs in a browser, too
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'off', // Nest injects by the imported class; type-only imports would erase it
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': [
        'error',
        restricted('ExportAllDeclaration', 'Named exports only: one index.ts per lib says what is public.'),
        restricted(
          "CallExpression[callee.property.name='query'][callee.object.property.name='dataSource']",
          'Only Db.withScope() hands out a query runner.',
        ),
        restricted(
          'Literal[value=/set_config\\(|SET app\\./i], TemplateElement[value.raw=/set_config\\(|SET app\\./i]',
          'Scopes are set by libs/database only (security.md §2.3).',
        ),
      ],
    },
  },
  {
    files: ['apps/booker-web/src/**/*.{ts,tsx}'],
    ignores: ['**/*.spec.ts', 'apps/booker-web/src/words/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        restricted('ExportAllDeclaration', 'Named exports only.'),
        restricted(`JSXText[value=${LETTER}]`, WRITTEN),
        restricted(`JSXElement > JSXExpressionContainer > Literal[value=${LETTER}]`, WRITTEN),
        restricted(
          `JSXElement > JSXExpressionContainer > TemplateLiteral > TemplateElement[value.raw=${LETTER}]`,
          WRITTEN,
        ),
        restricted(
          `JSXAttribute[name.name=/^(aria-label|aria-description|aria-roledescription|alt|description|error|help|hint|label|placeholder|sub|tab|title|what|unaffected|confirm)$/] Literal[value=${LETTER}]`,
          WRITTEN,
        ),
        restricted(
          `JSXAttribute[name.name=/^(aria-label|alt|description|error|label|placeholder|sub|tab|title|what)$/] TemplateElement[value.raw=${LETTER}]`,
          WRITTEN,
        ),
        restricted("NewExpression[callee.name='Date']", 'Times are Temporal, said by TimeText; now is useNow().'),
        restricted(
          "CallExpression[callee.object.name='Date'][callee.property.name='now'], MemberExpression[object.property.name='Now'][object.object.name='Temporal']",
          'Business time is businessNow() or useNow(): the sandbox moves its clock.',
        ),
        restricted(
          'Identifier[name=/^(localStorage|sessionStorage|indexedDB)$/]',
          'Nothing is kept in the browser but language, appearance and keys.',
        ),
        restricted(
          "JSXAttribute[name.name='dangerouslySetInnerHTML'], MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]",
          'Text is text: markup from data is never put into the page.',
        ),
      ],
    },
  },
  {
    // The three places that keep a choice, and the one that knows the clock.
    files: ['words/language', 'app/appearance', 'keys/keys', 'app/clock'].map((f) => `apps/booker-web/src/${f}.ts`),
    rules: { 'no-restricted-syntax': 'off' },
  },
  ...SCREENS.map(screen),
  { files: ['libs/database/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['apps/*/src/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        restricted(
          "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          'domain/ has no clock: take `now` as a value.',
        ),
        restricted(
          "NewExpression[callee.name='Date'][arguments.length=0]",
          'domain/ has no clock: take `now` as a value.',
        ),
        restricted(
          "MemberExpression[object.name='Temporal'][property.name='Now']",
          'domain/ has no clock: take `now` as a value.',
        ),
      ],
    },
  },
  room(
    'domain',
    '@nestjs/*',
    'typeorm',
    'node:*',
    '**/inbound/**',
    '**/services/**',
    '**/storage/**',
    '**/outbound/**',
  ),
  room('storage', '**/inbound/**', '**/services/**', '**/outbound/**'),
  room('outbound', 'typeorm', '**/inbound/**', '**/services/**', '**/storage/**'),
  room('services', '**/inbound/**'),
];
