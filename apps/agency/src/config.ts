import { IsOptional, IsString, IsUrl, MaxLength } from 'class-validator';

/** What agency needs to know beside what every service does. */
export class AgencyConfig {
  /** Our own company: the processor of every engagement that names no other (G5). */
  @IsString() @MaxLength(200) AGENCY_NAME = 'Sandbox Agency AB';
  @IsString() @MaxLength(20) AGENCY_ORGANISATION_NUMBER = '556688-0000';
  /** Address of our pages, for the links of invitations. */
  @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) AVTALA_ORIGIN?: string;
  /** Address of the sandbox's control; only then is there a test clock to move. */
  @IsOptional() @IsUrl({ require_tld: false, require_protocol: true }) AVTALA_TEST_CLOCK?: string;
}
