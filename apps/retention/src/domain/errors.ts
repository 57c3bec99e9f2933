import { AppError } from '@avtala/contracts';

/** The order is still under way: a certificate is given when every recipient was read back, or is late. */
export class CertificateNotYet extends AppError {
  readonly code = 'certificate-not-yet';
  readonly kind = 'conflict';
  constructor(state: string) {
    super('The order is still under way; its certificate comes with the last receipt', { state });
  }
}
