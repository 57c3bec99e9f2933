import type { ServiceName } from '@avtala/contracts';
import type { DbUrls, EntityClass, MigrationClass } from '@avtala/database';
import type { SubjectKind } from '@avtala/vault';
import type { INestApplicationContext, Type } from '@nestjs/common';
import type { Express } from 'express';

/** What a service is, for whoever starts it: alone, in one process with the others, or in a test. */
export interface ServiceDefinition {
  readonly name: ServiceName;
  /** Its PostgreSQL schema; roles are `<schema>_app` and so on. */
  readonly schema: string;
  readonly module: Type;
  /** Path patterns it answers (see `matchesRoute`), as the ingress routes them. */
  readonly routes: readonly string[];
  readonly migrations: readonly MigrationClass[];
  readonly entities: readonly EntityClass[];
  /** Kinds of subject whose keys it uses; none = no connection to the key store. */
  readonly vault?: readonly SubjectKind[];
  /** Routes that must see the raw body, mounted before the JSON parser (sign-in). */
  readonly mount?: (edge: Edge) => void;
}

export interface Edge {
  readonly express: Express;
  readonly context: INestApplicationContext;
  /** For a library that insists on a connection pool of its own. */
  readonly urls: DbUrls;
}
