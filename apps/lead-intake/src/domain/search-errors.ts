import { AppError } from '@avtala/contracts';

export class SearchRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(readonly code: 'search-one-of' | 'search-too-short') {
    super(SENTENCES[code]);
  }
}
const SENTENCES: Record<SearchRefused['code'], string> = {
  'search-one-of': 'Search by exactly one of name, email and phone',
  'search-too-short': 'A name is searched for by at least two letters',
};
