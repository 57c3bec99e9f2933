// AVTALA_TESTS chooses: unit (x.spec.ts, needs nothing), int (x.int.spec.ts, needs PostgreSQL or Kafka), e2e (x.e2e.ts), pictures.
const kind = process.env.AVTALA_TESTS ?? 'unit';
const under = process.env.AVTALA_TESTS_UNDER ?? '';

const patterns = {
  unit: ['**/*.spec.ts', '!**/*.int.spec.ts'],
  int: ['**/*.int.spec.ts'],
  e2e: ['**/*.e2e.ts'],
  pictures: ['**/*.run.ts'],
};

export default {
  rootDir: import.meta.dirname,
  roots: under ? [`<rootDir>/${under}`] : ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/e2e'],
  testMatch: patterns[kind],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '/.data/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^libphonenumber-js/max$': '<rootDir>/node_modules/libphonenumber-js/max/index.cjs', // jest warns of each JSON file its ESM build imports
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      JSON.parse((await import('node:fs')).readFileSync(new URL('.swcrc', import.meta.url), 'utf8')),
    ],
  },
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  setupFiles: ['<rootDir>/tools/jest-setup.mjs'],
  testTimeout: 60_000, // on a machine that is shared, an argon2 hash alone was seen to take ten seconds
  ...(kind === 'unit'
    ? {}
    : { globalSetup: '<rootDir>/tools/jest-servers.mjs', globalTeardown: '<rootDir>/tools/jest-servers-down.mjs' }),
};
