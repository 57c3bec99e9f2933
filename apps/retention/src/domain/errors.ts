import { AppError } from '@avtala/contracts';

/** The order is still under way: a certificate is given when every recipient was read back, or is late. */
export class CertificateNotYet extends AppError {
  readonly code = 'certificate-not-yet';
  readonly kind = 'conflict';
  constructor(state: string) {
    super('The order is still under way; its certificate comes with the last receipt', { state });
  }
}

/** Too late for a person's word: what would tell who they are is being destroyed, or is. It is kept by their address or number instead. */
export class ErasedAlready extends AppError {
  readonly code = 'erased-already';
  /** @param kind `missing`: the person is unknown here, and may be one of those erased with their engagement */
  constructor(readonly kind: 'conflict' | 'missing') {
    super('This person is erased, or unknown; enter their address or number in the suppression list instead', {
      instead: 'POST /api/v1/suppressions',
    });
  }
}
