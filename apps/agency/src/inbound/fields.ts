import { Transform } from 'class-transformer';
import { registerDecorator } from 'class-validator';
import { readOrganisationNumber } from '../domain/organisation-number.js';

/** Text of one line: trimmed, composed (NFC), without control characters. */
export function Trimmed(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.normalize('NFC').trim() : value,
  );
}

export const NO_CONTROLS = /^[^\p{Cc}\p{Cs}]+$/u;
/** Several lines: line ends are no control characters here. */
export const TEXT = /^(?:[^\p{Cc}\p{Cs}]|\r?\n)+$/u;

/** A legal entity's organisationsnummer; what arrives in the handler is as sent, `normalNumber` makes it ours. */
export function IsOrganisationNumber(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'organisationNumber',
      target: target.constructor,
      propertyName: String(property),
      options: { message: '$property must be the organisation number of a legal entity, such as 556016-0680' },
      validator: { validate: (value: unknown) => typeof value === 'string' && readOrganisationNumber(value).ok },
    });
}

/** @param checked a value that passed IsOrganisationNumber */
export function normalNumber(checked: string): string {
  const read = readOrganisationNumber(checked);
  if (!read.ok) throw new TypeError('was not checked');
  return read.number;
}
