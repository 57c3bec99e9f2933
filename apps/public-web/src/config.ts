/** What these pages need to know. */
export interface PublicWebConfig {
  /** Where scheduling answers: its own address, the ingress, or the process all services are in. */
  schedulingUrl: string;
  /** Whose name stands under the client's. */
  agencyName: string;
  /** Where a person can write to. */
  contact: string;
  /** Where a person sees their data and says no. */
  privacyUrl: string;
  /** Nothing here is real. */
  sandbox: boolean;
  /** Addresses or networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
}

/** Variables it is read from. */
interface Env {
  /** Not asked for in the process all services are in. */
  SCHEDULING_URL?: string | undefined;
  AVTALA_ORIGIN?: string | undefined;
  AVTALA_TRUSTED_PROXIES?: string | undefined;
  AVTALA_TEST_CLOCK?: string | undefined;
  MAIL_FROM?: string | undefined;
  MAIL_FROM_NAME?: string | undefined;
  PRIVACY_URL?: string | undefined;
  PORT?: string | undefined;
}

/** @param here address of the process all services are in, where they are
 * @throws Error naming what is missing or is no address */
export function configFrom(env: Env, here?: string): PublicWebConfig {
  const url = (name: keyof Env, fallback?: string): string => {
    const value = env[name] || fallback;
    if (!value || !URL.canParse(value) || !/^https?:/.test(value))
      throw new Error(
        `Configuration is not usable:\n  ${name}: an http or https address\nSee .env.example for every variable.`,
      );
    return value;
  };
  const origin = env.AVTALA_ORIGIN || here || `http://localhost:${env.PORT || 7070}`;
  return {
    schedulingUrl: url('SCHEDULING_URL', here),
    agencyName: env.MAIL_FROM_NAME || 'Avtala',
    contact: env.MAIL_FROM || 'meetings@agency.example',
    privacyUrl: url('PRIVACY_URL', new URL('/privacy', origin).href),
    sandbox: Boolean(env.AVTALA_TEST_CLOCK),
    trustedProxies: env.AVTALA_TRUSTED_PROXIES?.split(',').filter(Boolean) ?? [],
  };
}
