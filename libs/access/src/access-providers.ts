import type { Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { ServiceName } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Clock } from '@avtala/time';
import { AccessGuard, AccessOptions } from './access.guard.js';
import { ApiKeys } from './api-keys.js';
import { auditKey, AuditTrail } from './audit-trail.js';
import { CallerCheck } from './caller-check.js';
import { ContactsClient } from './contacts-client.js';
import { serviceKey, ServiceTokens } from './service-tokens.js';
import { Sessions } from './sessions.js';

export interface AccessSettings {
  readonly service: ServiceName;
  /** Signs session cookies; also the root of each service's audit key. At least 32 characters, the same in every service. */
  readonly authSecret: string;
  /** File of the key that signs service tokens; made with mode 0600 when it is not there. */
  readonly serviceKeyFile: string;
  /** Where lead-intake listens. */
  readonly leadIntakeUrl: string;
  /** Addresses of our own pages; empty = the host a request was sent to. */
  readonly ownOrigins?: readonly string[];
}

/** Everything of this library a service needs, the guard in front of all routes included. Expects Db and Clock among the providers. */
export function accessProviders(settings: AccessSettings): Provider[] {
  const tokens = new ServiceTokens(settings.service, serviceKey(settings.serviceKeyFile));
  return [
    {
      provide: AccessOptions,
      useValue: new AccessOptions(settings.service, settings.authSecret, settings.ownOrigins ?? []),
    },
    { provide: Sessions, useFactory: (db: Db) => new Sessions(db), inject: [Db] },
    { provide: ApiKeys, useFactory: (db: Db) => new ApiKeys(db), inject: [Db] },
    {
      provide: CallerCheck,
      useFactory: (sessions: Sessions, keys: ApiKeys) => new CallerCheck(sessions, keys, settings.authSecret),
      inject: [Sessions, ApiKeys],
    },
    { provide: ServiceTokens, useValue: tokens },
    { provide: ContactsClient, useValue: new ContactsClient(settings.leadIntakeUrl, tokens) },
    {
      provide: AuditTrail,
      useFactory: (clock: Clock) =>
        new AuditTrail(settings.service, auditKey(settings.authSecret, settings.service), clock),
      inject: [Clock],
    },
    { provide: APP_GUARD, useClass: AccessGuard },
  ];
}
