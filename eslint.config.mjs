// Boundaries are lint, not manners: projects by Nx tag, rooms of a service by restricted imports.
// Run through `nx run-many -t lint`: plain eslint without a project graph skips the Nx rule and passes.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

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
