import { AppError, fixedError } from '@avtala/contracts';

export class TooManyLeads extends AppError {
  readonly code = 'too-many-leads';
  readonly kind = 'unprocessable';
  constructor(most: number) {
    super('That is about too many leads at once; choose fewer', { most });
  }
}

export class WhichLeads extends fixedError(
  'invalid',
  'leads-unnamed',
  'Say which leads are meant: ids or a filter, not both',
) {}
