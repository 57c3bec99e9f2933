import { AppError } from '@avtala/contracts';

/** A name and an address, apart: a name is never parsed for addresses. */
export interface Mailbox {
  name: string;
  address: string;
}

/** A value that would break out of its header or calendar line (ASVS 1.3.11). Says which field, never what it held. */
export class MailFieldInvalid extends AppError {
  readonly code = 'mail-field-invalid';
  readonly kind = 'invalid';
  constructor(field: string) {
    super('A mail field holds characters that may not stand in a header', { field });
  }
}

// CR, LF, NUL and every other control character, line and paragraph separators, and bidi overrides that disguise what is read.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** @throws MailFieldInvalid */
export function headerSafe(field: string, value: string, maxLength = 500): string {
  if (value.length > maxLength || FORBIDDEN.test(value)) throw new MailFieldInvalid(field);
  return value;
}

/** One address and nothing else: no lists, groups, comments or quoted local parts.
 * @throws MailFieldInvalid */
export function checkedMailbox(field: string, mailbox: Mailbox): Mailbox {
  headerSafe(`${field}.name`, mailbox.name, 200);
  headerSafe(`${field}.address`, mailbox.address, 254);
  if (!/^[^\s@<>()[\]",;:\\]{1,64}@[^\s@<>()[\]",;:\\]{1,253}$/u.test(mailbox.address)) {
    throw new MailFieldInvalid(`${field}.address`);
  }
  return mailbox;
}
