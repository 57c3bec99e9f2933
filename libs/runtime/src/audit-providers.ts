import { auditKey, AuditTrail, serviceKey } from '@avtala/access';
import { AuditLog, NightlyCheck, Sealer, type Witness } from '@avtala/audit';
import type { ServiceName } from '@avtala/contracts';
import { Db } from '@avtala/database';
import type { Provider } from '@nestjs/common';
import { join } from 'node:path';
import { installationSecret } from './secrets.js';

/** Sealing, checking and reading of a service's audit trail. Expects Db and AuditTrail among the providers. */
export function auditProviders(service: ServiceName, secretsDir: string, witness: Witness | undefined): Provider[] {
  const signing = serviceKey(join(secretsDir, 'audit.pem'));
  const mac = auditKey(installationSecret(secretsDir, 'auth.secret'), service);
  return [
    {
      provide: Sealer,
      useFactory: (db: Db, trail: AuditTrail) => new Sealer(service, db, trail, signing, witness),
      inject: [Db, AuditTrail],
    },
    {
      provide: AuditLog,
      useFactory: (db: Db, sealer: Sealer) => new AuditLog(service, db, { mac, signing }, sealer, witness),
      inject: [Db, Sealer],
    },
    {
      provide: NightlyCheck,
      useFactory: (db: Db, trail: AuditTrail, log: AuditLog) => new NightlyCheck(service, db, trail, log),
      inject: [Db, AuditTrail, AuditLog],
    },
  ];
}
