import { AppError, fixedError } from '@avtala/contracts';

export type LinkRefusal = 'link-invalid' | 'link-expired' | 'link-replaced' | 'link-cancelled' | 'link-over';

const LINK_SENTENCES: Readonly<Record<LinkRefusal, string>> = {
  'link-invalid': 'This link is not valid',
  'link-expired': 'This link is too old',
  'link-replaced': 'The meeting was changed after this link was made; the newest message has a new one',
  'link-cancelled': 'The meeting is cancelled',
  'link-over': 'This link opens nothing any more',
};

/** A link that opens nothing. Of a lead who was erased, objected, or never was, the answer is the same. */
export class LinkRefused extends AppError {
  readonly kind = 'missing';
  constructor(readonly code: LinkRefusal) {
    super(LINK_SENTENCES[code]);
  }
}

/** The page was not fetched through this link, or its one use was another one. */
export class PageRefused extends fixedError(
  'unprocessable',
  'page-invalid',
  'The page was not fetched from here; load it again',
) {}

/** Decided by somebody else between the page and the press. */
export class BookingChanged extends fixedError(
  'conflict',
  'booking-changed',
  'The meeting was changed by somebody else; look at it again',
) {}

/** A mail that nobody asked for is marketing, and needs consent (marknadsföringslagen 19 §; B10). */
export class LinkNotAskedFor extends fixedError(
  'unprocessable',
  'link-not-asked-for',
  'A booking link is sent to who asked for it: otherwise the mail is marketing and needs consent (19 § marknadsföringslagen)',
) {}

export class LinkTooBusy extends AppError {
  readonly code = 'too-many-requests';
  readonly kind = 'too-many';
  constructor() {
    super('Too much has been asked from there; try again later', { retryAfterSeconds: 3600 });
  }
}

/** Words about a person that may not be kept (B1): not taken, and nothing is done. */
export class WordsRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(readonly code: 'identity-number' | 'special-category') {
    super(
      code === 'identity-number'
        ? 'The words hold an identity number, which we do not keep'
        : 'The words name health, opinions or other special data, which we do not keep',
      { field: 'said' },
    );
  }
}
