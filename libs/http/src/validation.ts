import { Missing } from '@avtala/contracts';
import { Injectable, ValidationPipe, type PipeTransform, type ValidationError } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { RequestInvalid, type FieldProblem } from './problem.js';

/** Names, rules and sentences of what is wrong; class-validator's sentences name the rule's limits, not the value.
 * `whitelistValidation` (an unknown field) is reported as rule `unknown`. */
export function fieldProblems(errors: readonly ValidationError[], prefix = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    // Declared as always there; class-validator leaves it out where a list stands instead of an object.
    const property = error.property as string | undefined;
    const field = property === undefined ? prefix.slice(0, -1) : `${prefix}${property.slice(0, 64)}`;
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
      rule === 'whitelistValidation'
        ? { field, rule: 'unknown', message: 'This field is not known here' }
        : { field, rule, message },
    );
    return [...own, ...fieldProblems(error.children ?? [], `${field}.`)];
  });
}

/** The pipe every service uses: declared shapes only, unknown fields refused, no value in any answer. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new RequestInvalid(fieldProblems(errors)),
  });
}

/** `@Param('id', IdPipe)`: what is no UUID cannot be there, so it is answered like an unknown id. */
@Injectable()
export class IdPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (!isUUID(value)) throw new Missing('record');
    return (value as string).toLowerCase();
  }
}
