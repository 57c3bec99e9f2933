import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Process } from './child-process.js';
import { join } from 'node:path';

export interface SandboxUrls {
  readonly hubspot: string;
  readonly salesforce: string;
  /** The key that the Salesforce stand-in lets our services sign with. */
  readonly salesforceKeyFile: string;
  readonly google: string;
  readonly googleToken: string;
  readonly smtp: string;
  readonly control: string;
}

/** Starts the stand-ins, the mail sink and the test clock as a process of their own: a kill of ours must not make a vendor forget. */
export async function startSandboxProcess(dir: string): Promise<{ urls: SandboxUrls; stop(): Promise<void> }> {
  await mkdir(dir, { recursive: true });
  const script = fileURLToPath(new URL('../../sandbox/dist/main.js', import.meta.url));
  const process = new Process(script, { SANDBOX_DIR: dir }, join(dir, 'sandbox.log'));
  const { urls } = (await process.start(30_000)) as { urls: Omit<SandboxUrls, 'salesforceKeyFile'> };
  const salesforceKeyFile = join(dir, 'salesforce', 'jwt-key.pem');
  return { urls: { ...urls, salesforceKeyFile }, stop: () => process.stop() };
}

/** What the services must know to talk to the stand-ins instead of the vendors. */
export const sandboxEnv = (urls: SandboxUrls): Record<string, string> => ({
  AVTALA_TEST_CLOCK: urls.control,
  HUBSPOT_BASE_URL: urls.hubspot,
  HUBSPOT_CLIENT_ID: 'sandbox',
  HUBSPOT_CLIENT_SECRET: 'sandbox',
  SALESFORCE_LOGIN_URL: urls.salesforce,
  SALESFORCE_CLIENT_ID: 'sandbox',
  SALESFORCE_CLIENT_SECRET: 'sandbox',
  SALESFORCE_JWT_KEY_FILE: urls.salesforceKeyFile,
  GOOGLE_BASE_URL: urls.google,
  GOOGLE_TOKEN_URL: urls.googleToken,
  GOOGLE_CLIENT_ID: 'sandbox',
  GOOGLE_CLIENT_SECRET: 'sandbox',
  SMTP_URL: urls.smtp,
});
