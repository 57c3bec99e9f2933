import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsOptional, IsString, IsUrl, MaxLength, Min } from 'class-validator';

const ANY_HOST = { require_tld: false, require_protocol: true };

export class LeadIntakeConfig {
  /** Where uploads wait, encrypted, until their rows are taken in. */
  @IsString() AVTALA_UPLOADS_DIR = '.data/uploads';
  /** Largest file, in bytes; above it 413. */
  @Type(() => Number) @IsInt() @Min(1000) AVTALA_UPLOAD_LIMIT = 250 * 1024 * 1024;
  /** `smtp://user:password@host:port` or `smtps://…`: confirmation mails of web forms go out here. */
  @IsOptional() @IsUrl({ ...ANY_HOST, protocols: ['smtp', 'smtps'] }) SMTP_URL?: string;
  @IsEmail() MAIL_FROM = 'meetings@agency.example';
  @IsString() @MaxLength(100) MAIL_FROM_NAME = 'Avtala';
  /** Public address of our pages, for the links in them. */
  @IsOptional() @IsUrl(ANY_HOST) AVTALA_ORIGIN?: string;
}
