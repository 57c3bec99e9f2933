import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

/** crm-sync's own settings. */
export class CrmSyncConfig {
  /** Root of HubSpot's API; the sandbox gives its stand-in's address. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['https', 'http'] })
  HUBSPOT_BASE_URL = 'https://api.hubapi.com';
  /** Address under which vendors call us, as they know it: what they sign names it, whatever a proxy makes of it. */
  @IsOptional()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['https', 'http'] })
  AVTALA_PUBLIC_URL?: string;
  /** Our OAuth app at HubSpot; "unset" until somebody connects an account. */
  @IsString() @IsNotEmpty() HUBSPOT_CLIENT_ID = 'unset';
  @IsString() @IsNotEmpty() HUBSPOT_CLIENT_SECRET = 'unset';
  /** Number of our app: tells our own edits of a record from others' in its history. */
  @IsOptional() @Matches(/^\d{1,20}$/) HUBSPOT_APP_ID?: string;
  /** Consumer key and secret of our External Client App at Salesforce; "unset" until somebody connects an org. */
  @IsString() @IsNotEmpty() SALESFORCE_CLIENT_ID = 'unset';
  @IsString() @IsNotEmpty() SALESFORCE_CLIENT_SECRET = 'unset';
  /** PEM file with the private key that signs for us where an org is connected by a user's name; its certificate is the app's. */
  @IsOptional() @IsString() @IsNotEmpty() SALESFORCE_JWT_KEY_FILE?: string;
  /** Instead of Salesforce's own hosts: the sandbox gives its stand-in's address. */
  @IsOptional()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['https', 'http'] })
  SALESFORCE_LOGIN_URL?: string;
  /** Share of an org's calls of 24 hours that is left to the client's other apps, percent. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(90) SALESFORCE_DAILY_RESERVE_PERCENT = 20;
  /** Share of an account's calls of the day that is left to the client's other apps, percent. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(90) HUBSPOT_DAILY_RESERVE_PERCENT = 5;
}
