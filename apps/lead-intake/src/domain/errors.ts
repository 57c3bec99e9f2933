import { AppError, fixedError } from '@avtala/contracts';
import type { RawField, Refusal } from './intake.js';
import type { MappingProblem } from './columns.js';

const SENTENCES: Record<Refusal, string> = {
  'name-missing': 'A lead needs a name',
  'contact-missing': 'A lead needs an e-mail address or a phone number',
  'email-invalid': 'That is no e-mail address',
  'phone-invalid': 'That is no phone number that can exist',
  'text-too-long': 'That text is too long',
  'text-invalid': 'That text holds control characters',
  'identity-number': 'Personal identity numbers are not taken in',
  'special-category': 'Special categories of personal data are not taken in',
  minor: 'People under 18 are not taken in',
  'birth-date-invalid': 'A birth date that cannot be read does not show that the person is of age',
  'age-invalid': 'An age that cannot be read does not show that the person is of age',
  suppressed: 'This person has said no',
  ambiguous: 'E-mail, name and phone do not point to one person',
  'being-erased': 'This person is being erased; once that is done they may be taken in anew',
  'columns-mismatch': 'The row has not as many cells as the header',
};

/** A lead that the rules keep out; `code` is the refusal, `field` where it was found. The value is never repeated. */
export class LeadRefused extends AppError {
  readonly code: Refusal;
  readonly kind: 'unprocessable' | 'conflict';
  constructor(reason: Refusal, field: RawField | 'note' | 'source' | 'consentWording' | null) {
    super(SENTENCES[reason], field ? { field } : {});
    this.code = reason;
    this.kind = reason === 'ambiguous' || reason === 'being-erased' ? 'conflict' : 'unprocessable';
  }
}

/** A file that cannot be read. `row` counts from 1, the header included. */
export class FileRefused extends AppError {
  readonly kind = 'invalid';
  constructor(
    readonly code: keyof typeof FILE_SENTENCES,
    facts: {
      row?: number;
      columns?: number[];
      /** What it seems to be. */
      found?: string;
      problem?: string;
      limitBytes?: number;
      limitEntries?: number;
    } = {},
    options?: ErrorOptions,
  ) {
    super(FILE_SENTENCES[code], facts, options);
  }
}
const FILE_SENTENCES = {
  'csv-encoding': 'The file is no text in UTF-8, UTF-16 or Windows-1252; save it as "CSV UTF-8"',
  'csv-quotes': 'A quotation mark is opened or closed where none may be',
  'csv-row-too-long': 'A row is longer than 100,000 characters; most likely a quotation mark was never closed',
  'csv-empty': 'The file has no header',
  'no-rows': 'The file has a header and nothing below it',
  'column-twice': 'Two columns have the same header',
  'too-many-columns': 'A file has at most 200 columns',
  'file-type': 'The file is neither CSV, XLSX nor NDJSON',
  'xls-or-encrypted': 'The workbook has a password, or is of the kind before 2007; save it as XLSX without password',
  'xlsx-unreadable': 'The workbook is broken, or holds what no workbook needs',
  'xlsx-too-large': 'The workbook is too large once unpacked; save it as CSV',
} as const;

export class NotCsv extends fixedError(
  'invalid',
  'not-csv',
  'Send the file itself as the body, not packed, with the Content-Type of CSV, XLSX or NDJSON',
) {}

export class FileTooLarge extends AppError {
  readonly code = 'file-too-large';
  readonly kind = 'too-large';
  constructor(limitBytes: number) {
    super('The file is too large', { limitBytes });
  }
}

/** The confirmed mapping does not fit the file; columns are named by position, since a header may be a person's name. Those that are gone
 * (the supplier has changed its file) by their names, which came with the mapping. */
export class MappingRefused extends AppError {
  readonly code: string;
  readonly kind: 'invalid' | 'unprocessable';
  constructor(problem: MappingProblem) {
    const { code, ...facts } = problem;
    super(
      code === 'columns-gone'
        ? 'The mapping names columns that the file does not have'
        : 'The mapping does not fit the columns of the file',
      facts,
    );
    this.code = code;
    this.kind = code === 'columns-gone' ? 'unprocessable' : 'invalid';
  }
}

/** What must be there before anybody is taken in: an open engagement, and for legitimate interest an assessment (B3). */
export class IntakeClosed extends AppError {
  readonly kind = 'conflict';
  constructor(readonly code: 'engagement-not-open' | 'engagement-ended' | 'assessment-missing') {
    super(CLOSED_SENTENCES[code]);
  }
}
const CLOSED_SENTENCES: Record<IntakeClosed['code'], string> = {
  'engagement-not-open': 'The engagement has not started',
  'engagement-ended': 'The engagement has ended',
  'assessment-missing': 'Record the legitimate-interest assessment before taking in leads on that ground',
};

/** B4: consent without its proof is no ground. */
export class ConsentUnproven extends fixedError(
  'invalid',
  'consent-unproven',
  'Ground consent needs consentWording: version, wording, how and when it was given, and the proof',
) {}

/** B2: where a key's leads come from was settled when the key was made. */
export class ProvenanceFixed extends fixedError(
  'unprocessable',
  'provenance-fixed',
  'Source, supplier and ground are fixed by the API key; leave them out',
) {}

export class ImportConflict extends AppError {
  readonly kind = 'conflict';
  constructor(readonly code: keyof typeof CONFLICT_SENTENCES) {
    super(CONFLICT_SENTENCES[code]);
  }
}

const CONFLICT_SENTENCES = {
  'import-not-waiting': 'The import was confirmed before',
  'import-failed': 'The import has failed',
  'import-not-running': 'Only an import that runs can be paused',
  'import-not-paused': 'The import is not paused',
} as const;

/** An act on a lead that its state does not allow. */
export class LeadClosed extends AppError {
  readonly kind = 'conflict';
  constructor(readonly code: 'already-objected' | 'restricted' | 'version-conflict') {
    super(LEAD_SENTENCES[code]);
  }
}
const LEAD_SENTENCES: Record<LeadClosed['code'], string> = {
  'already-objected': 'This person has said no; nothing else can be recorded',
  restricted: 'This lead is restricted while in dispute',
  'version-conflict': 'The lead was changed meanwhile; read it again',
};

export class CallbackRefused extends AppError {
  readonly kind = 'invalid';
  constructor(readonly code: 'callback-missing' | 'callback-past' | 'callback-unexpected') {
    super('Outcome callback, and no other, comes with a callbackAt that lies ahead');
  }
}
