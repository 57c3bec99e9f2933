import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsOptional, IsString, IsUrl, Matches, MaxLength } from 'class-validator';

const ANY_HOST = { require_tld: false, require_protocol: true };

/** What scheduling needs beside the runtime's own variables. */
export class SchedulingConfig {
  /** `smtp://user:password@host:port` or `smtps://…`; invites go out here. */
  @IsUrl({ ...ANY_HOST, protocols: ['smtp', 'smtps'] }) SMTP_URL!: string;
  /** The mailbox invites come from and answers to them go to; its domain is part of every Message-ID. */
  @IsEmail() MAIL_FROM = 'meetings@agency.example';
  @IsString() @MaxLength(100) MAIL_FROM_NAME = 'Avtala';
  /** Where a person sees their data and says no. Default: the origin's /privacy. */
  @IsOptional() @IsUrl(ANY_HOST) PRIVACY_URL?: string;
  @IsOptional() @IsUrl(ANY_HOST) AVTALA_ORIGIN?: string;
  /** Root of Google's API; only the sandbox sets it. */
  @IsOptional() @IsUrl(ANY_HOST) GOOGLE_BASE_URL?: string;
  @IsUrl(ANY_HOST) GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
  @IsString() GOOGLE_CLIENT_ID = '';
  @IsString() GOOGLE_CLIENT_SECRET = '';

  /** `host:port,host:port`: CalDAV servers the operator vouches for, which may be private, plain HTTP and on any port. */
  @IsOptional() @Matches(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/) CALDAV_ALLOWED_HOSTS?: string;

  get caldavAllowedHosts(): string[] {
    return this.CALDAV_ALLOWED_HOSTS?.split(',') ?? [];
  }

  /** Of this process, where it is the whole installation. */
  @IsOptional() @Type(() => Number) @IsInt() PORT?: number;

  /** Public address of our own pages. */
  get origin(): string {
    return this.AVTALA_ORIGIN ?? `http://localhost:${this.PORT || 7070}`;
  }

  get privacyUrl(): string {
    return this.PRIVACY_URL ?? new URL('/privacy', this.origin).href;
  }
}
