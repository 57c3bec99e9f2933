import { AppError, fixedError } from '@avtala/contracts';

/** The last outcome cannot be taken back (any more). */
export class UndoRefused extends AppError {
  readonly kind = 'conflict';
  constructor(readonly code: 'undo-too-late' | 'undo-final' | 'undo-overtaken') {
    super(UNDO_SENTENCES[code]);
  }
}
const UNDO_SENTENCES: Record<UndoRefused['code'], string> = {
  'undo-too-late': 'An outcome can be taken back within ten seconds',
  'undo-final': 'A person’s no is not taken back here',
  'undo-overtaken': 'Something else has happened to the lead since',
};

export class CallbackGone extends fixedError('conflict', 'callback-gone', 'That callback waits no longer') {}

/** Nobody would keep it: only who may act in the engagement is handed its leads. */
export class CallbackTaker extends fixedError(
  'unprocessable',
  'callback-not-a-member',
  'A callback is given to somebody who may act in its engagement',
) {}

/** The rules were changed by somebody else meanwhile. */
export class RulesChanged extends fixedError(
  'conflict',
  'version-conflict',
  'The rules were changed meanwhile; read them again',
) {}

export class RulesRefused extends AppError {
  readonly code = 'calling-hours-invalid';
  readonly kind = 'invalid';
  constructor() {
    super('Calling hours end after they begin');
  }
}

/** The script was changed by somebody else meanwhile. */
export class ScriptChanged extends fixedError(
  'conflict',
  'version-conflict',
  'The script was changed meanwhile; read it again',
) {}

/** A name in braces that no screen fills in. */
export class ScriptValueUnknown extends AppError {
  readonly code = 'script-value-unknown';
  readonly kind = 'unprocessable';
  constructor(names: readonly string[]) {
    super('The script names a value in braces that does not exist', { names: names.map((n) => n.slice(0, 40)) });
  }
}
