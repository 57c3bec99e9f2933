import { IsEmail, IsIn, IsOptional, IsString, IsUrl, Matches, MaxLength } from 'class-validator';

const LOOSE_URL = { require_tld: false, require_protocol: true };
const LIST = /^[^\s,]+(,[^\s,]+)*$/;

/** What agency needs to know beside what every service does. */
export class AgencyConfig {
  /** Our own company: the processor of every engagement that names no other (G5). */
  @IsString() @MaxLength(200) AGENCY_NAME = 'Sandbox Agency AB';
  @IsString() @MaxLength(20) AGENCY_ORGANISATION_NUMBER = '556688-0000';
  /** Address of our pages, for the links of invitations. */
  @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) AVTALA_ORIGIN?: string;
  /** Address of the sandbox's control; only then is there a test clock to move. */
  @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) AVTALA_TEST_CLOCK?: string;

  /** `smtp://user:password@host:port` or `smtps://…`: links for new passwords and reminders go out here. */
  @IsOptional() @IsUrl({ ...LOOSE_URL, protocols: ['smtp', 'smtps'] }) SMTP_URL?: string;
  @IsEmail() MAIL_FROM = 'meetings@agency.example';
  @IsString() @MaxLength(100) MAIL_FROM_NAME = 'Avtala';
  /** Identity provider (OpenID Connect) that staff may sign in through; none without it. Exactly as the provider names itself. */
  @IsOptional() @IsUrl(LOOSE_URL) OIDC_ISSUER?: string;
  @IsOptional() @IsString() @MaxLength(200) OIDC_CLIENT_ID?: string;
  /** The secret itself, or the file that holds it; neither for a public client. */
  @IsOptional() @IsString() OIDC_CLIENT_SECRET?: string;
  @IsOptional() @IsString() OIDC_CLIENT_SECRET_FILE?: string;
  /** What stands on the button. */
  @IsString() @MaxLength(60) OIDC_NAME = 'Single sign-on';
  @IsIn(['RS256', 'PS256', 'ES256', 'EdDSA']) OIDC_SIGNING_ALG = 'RS256';
  /** Values of acr and amr that mean two factors; anything else is asked for ours. */
  @IsOptional() @Matches(LIST) OIDC_MFA_ACR?: string;
  @Matches(LIST) OIDC_MFA_AMR = 'mfa';
  /** host:port that may be private and without TLS: the provider's own, never a user's. */
  @IsOptional() @Matches(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/) OIDC_PRIVATE_HOSTS?: string;
}
