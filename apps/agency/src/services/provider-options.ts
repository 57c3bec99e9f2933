import { readFileSync } from 'node:fs';
import { ConfigInvalid } from '@avtala/runtime';
import type { AgencyConfig } from '../config.js';
import { IdentityProvider } from '../outbound/identity-provider.js';
import { ProviderOptions } from './provider-sign-in.js';

/** @throws ConfigInvalid half a configuration, or a secret that cannot be read */
export function providerOptions(config: AgencyConfig): ProviderOptions {
  const accepted = { acr: config.OIDC_MFA_ACR?.split(',') ?? [], amr: config.OIDC_MFA_AMR.split(',') };
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = config;
  if (!issuer && !clientId) return new ProviderOptions(undefined, config.OIDC_NAME, accepted);
  if (!issuer || !clientId)
    throw new ConfigInvalid([`${issuer ? 'OIDC_CLIENT_ID' : 'OIDC_ISSUER'}: needed with the other`]);
  const provider = new IdentityProvider({
    issuer,
    clientId,
    clientSecret: secretOf(config),
    signingAlg: config.OIDC_SIGNING_ALG,
    acrValues: accepted.acr,
    privateHosts: config.OIDC_PRIVATE_HOSTS?.split(',') ?? [],
  });
  return new ProviderOptions(provider, config.OIDC_NAME, accepted);
}

function secretOf(config: AgencyConfig): string | undefined {
  const file = config.OIDC_CLIENT_SECRET_FILE;
  if (!file) return config.OIDC_CLIENT_SECRET;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new ConfigInvalid(['OIDC_CLIENT_SECRET_FILE: cannot be read']);
  }
}
