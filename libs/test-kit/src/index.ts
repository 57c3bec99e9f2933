export { eventually } from './eventually.js';
export { fixturePerson, fixturePhone, type FixturePerson } from './people.js';
export { RadicaleUnavailable, startRadicale, type Radicale } from './radicale.js';
export { TEST_ROLE_SECRET, testDatabase, TestDatabase, testServerUrl, type TestSchema } from './test-database.js';
