import 'reflect-metadata'; // before the decorators below, also where no service is loaded
import { plainToInstance, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min, validateSync } from 'class-validator';

const LOOSE_URL = { require_tld: false, require_protocol: true };

/** What every service process needs to know. Parsed once, at start. */
export class RuntimeEnv {
  /** The database of the services. With AVTALA_PROVISION=on as a login that may create roles and schemas; else only host and name count,
   * since each service signs in with a role of its own. */
  @IsUrl({ ...LOOSE_URL, protocols: ['postgres', 'postgresql'] }) AVTALA_DATABASE_URL!: string;
  /** The same for the key-store cluster, which must be a cluster of its own outside tests (architecture.md §6). */
  @IsUrl({ ...LOOSE_URL, protocols: ['postgres', 'postgresql'] }) AVTALA_KEYS_URL!: string;
  /** off: roles and schemas were made beforehand (`npm run provision`), so no service holds a superuser's password. */
  @IsIn(['on', 'off']) AVTALA_PROVISION: 'on' | 'off' = 'on';
  /** Directory of key files (0700, files 0600), outside every database and its backups. */
  @IsString() AVTALA_SECRETS_DIR!: string;
  @IsIn(['postgres', 'kafka']) AVTALA_TRANSPORT: 'postgres' | 'kafka' = 'postgres';
  /** host:port,host:port; needed for transport kafka. */
  @IsOptional() @Matches(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/) KAFKA_BROKERS?: string;
  @IsOptional() @Matches(/^[a-z0-9.-]{1,40}$/) AVTALA_TOPIC_PREFIX?: string;
  /** Where this process listens; 0 = any free port. */
  @Type(() => Number) @IsInt() @Min(0) @Max(65535) PORT = 7070;
  @IsString() HOST = '127.0.0.1';
  /** Where Prometheus reads metrics, on a port that no ingress leads to; 0 = any free one, unset = nowhere. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(65535) METRICS_PORT?: number;
  @IsString() METRICS_HOST = '127.0.0.1';
  /** Addresses or networks of proxies in front of us. Only from them is X-Forwarded-* believed (ASVS 4.1.3). */
  @IsOptional() @Matches(/^[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*$/) AVTALA_TRUSTED_PROXIES?: string;
  /** Public origin, for links and the Origin check. Default: http://HOST:PORT. */
  @IsOptional() @IsUrl(LOOSE_URL) AVTALA_ORIGIN?: string;
  /** lead-intake's address, for the contact door. Default: this process. */
  @IsOptional() @IsUrl(LOOSE_URL) LEAD_INTAKE_URL?: string;
  /** Address of the sandbox's test clock. Production refuses to start with it (architecture.md §5). */
  @IsOptional() @IsUrl(LOOSE_URL) AVTALA_TEST_CLOCK?: string;
}

/** Configuration that is wrong stops the process with the names of what is wrong, never with values. */
export class ConfigInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `Configuration is not usable:\n${problems.map((p) => `  ${p}`).join('\n')}\nSee .env.example for every variable.`,
    );
    this.name = 'ConfigInvalid';
  }
}

/** Reads a configuration class from environment variables of the same names. Empty variables count as unset.
 * @throws ConfigInvalid naming every variable that is missing or wrong */
export function parseConfig<T extends object>(config: new () => T, env: Record<string, string | undefined>): T {
  const known = Object.fromEntries(Object.entries(env).filter(([, v]) => v !== undefined && v !== ''));
  const parsed = plainToInstance(config, known, { enableImplicitConversion: true, exposeDefaultValues: true });
  const errors = validateSync(parsed, { whitelist: true });
  if (errors.length)
    throw new ConfigInvalid(errors.map((e) => `${e.property}: ${Object.values(e.constraints ?? {}).join('; ')}`));
  return parsed;
}
