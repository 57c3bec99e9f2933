export { byteaArray, intArray, textArray, uuidArray } from './binary-array.js';
export { catalogProblems } from './catalog.js';
export {
  afterCommit,
  afterRollback,
  Db,
  openDb,
  TransactionAborted,
  partOf,
  withCommit,
  type DbOptions,
  type DbUrls,
  type EntityClass,
} from './db.js';
export { createDatabase, dropDatabase } from './databases.js';
export { startCluster, type Cluster, type ClusterOptions } from './embedded.js';
export { migrate, type MigrationClass } from './migrate.js';
export { partitionFunctionsSql } from './partitions.js';
export { CONSUMERS, grantSql, scopePolicySql, type Rights } from './policies.js';
export { LOCKED, sendAll, tryLockSql, type Statement } from './pipeline.js';
export { provision, urlsOf } from './provision.js';
export { affected, rows } from './rows.js';
export { keepScope, noEngagement, NoScope, scopeOf, setScope, type Scope } from './scope.js';
export { isTransient, isUniqueViolation, sqlState } from './sql-errors.js';
