import { Missing, quickRead } from '@avtala/contracts';
import {
  Injectable,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
  type ValidationError,
} from '@nestjs/common';
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

const quick = new WeakSet<object>();

/** `@ReadQuickly()` on a body that comes in thousands: flat ones without a mistake are read by a plan made once for the class; all others, and what is
 * wrong with them, are left to class-validator. Not for a class with `@Transform`: nothing is transformed. */
export const ReadQuickly = (): ClassDecorator => (target) => void quick.add(target);

class QuickValidationPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return quickBody(value, metadata) ?? super.transform(value, metadata);
  }
}

function quickBody(value: unknown, { type, metatype }: ArgumentMetadata): Promise<object> | undefined {
  if (
    type !== 'body' ||
    !metatype ||
    !quick.has(metatype) ||
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value)
  )
    return undefined;
  const read = quickRead(metatype as new () => object, value);
  // An unknown field was dropped there; here it is refused.
  const whole =
    read && Object.entries(value).every(([name, given]) => (read as Record<string, unknown>)[name] === given);
  return whole ? Promise.resolve(read) : undefined;
}

/** The pipe every service uses: declared shapes only, unknown fields refused, no value in any answer. */
export function validationPipe(): ValidationPipe {
  return new QuickValidationPipe({
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
