// npm run verify-certificate -- FILE [--key PUBLIC_KEY.pem]: checks a certificate offline; exit code 1 and the reason when it does not hold.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CertificateInvalid, checkCertificate } from './services/certificate-check.js';

const USAGE = 'Usage: npm run verify-certificate -- FILE [--key PUBLIC_KEY.pem]';

function main(): number {
  let file: string | undefined;
  let key: string | undefined;
  try {
    const { values, positionals } = parseArgs({ options: { key: { type: 'string' } }, allowPositionals: true });
    [file, key] = [positionals[0], values.key];
  } catch {
    file = undefined;
  }
  if (!file) {
    console.error(USAGE);
    return 1;
  }
  try {
    const pinned = key === undefined ? undefined : readFileSync(key, 'utf8');
    for (const line of checkCertificate(readFileSync(file, 'utf8'), pinned)) console.log(`ok  ${line}`);
    return 0;
  } catch (error) {
    if (error instanceof CertificateInvalid) console.error(`The certificate does not hold: ${error.message}`);
    else console.error(`The file cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
    return 1;
  }
}

process.exitCode = main();
