import { AppError, fixedError } from '@avtala/contracts';

export class FormTokenRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(readonly code: keyof typeof TOKEN_SENTENCES) {
    super(TOKEN_SENTENCES[code]);
  }
}
const TOKEN_SENTENCES = {
  'form-token-invalid': 'The form was not fetched from here; load it again',
  'form-too-fast': 'The form was sent faster than it can be filled in; wait a moment and send it again',
  'form-too-old': 'The form was open for too long; load it again',
} as const;

export class FormTooBusy extends AppError {
  readonly code = 'too-many-requests';
  readonly kind = 'too-many';
  constructor() {
    super('Too much has been sent from there; try again later', { retryAfterSeconds: 3600 });
  }
}

/** A page that is not on the form's list sends it. */
export class FormOrigin extends fixedError('forbidden', 'foreign-origin', 'This form may not be sent from that site') {}

export class FormBodyRefused extends fixedError(
  'invalid',
  'form-body',
  'Send the form as application/json or application/x-www-form-urlencoded, at most 16 kB',
) {}
