import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { map, Observable } from 'rxjs';
import { fixedError } from '@avtala/contracts';

const OWN_DATA = 'avtala:own-data';

/** The answer holds personal data of nobody but the caller: it needs no entry in the audit trail. */
export const OwnData = () => SetMetadata(OWN_DATA, true);

/** A person's data would have left without an entry in the audit trail: a bug, found before anything was shown. */
export class ReadNotAudited extends fixedError(
  'later',
  'read-not-audited',
  'This could not be written down, and is not shown without',
) {}

const request = new AsyncLocalStorage<{ entries: number }>();

/** @returns what to call once the entry under way is committed: it counts for the request it was written in */
export function entryOfRequest(): () => void {
  const current = request.getStore();
  return () => {
    if (current) current.entries += 1;
  };
}

/** Fields that only a person has. */
const PERSONAL = new Set(['email', 'phone', 'mobile', 'social', 'note', 'linkedin']);
/** A `name` is a person's when its object has one of these too: keys, calendars and passkeys have names as well. */
const BESIDE_NAME = ['email', 'phone', 'title', 'company', 'masked', 'role'];
/** Below it stand names of columns or of a vendor's properties, by field: `{ mapping: { email: 'E-post' } }` says nothing of anybody. */
const NAMES_ONLY = 'mapping';
/** A value that is blanked out in full: says that there is one, and nothing of it. */
const BLANKED = /^•+$/;

/** Default for every route of every service: an answer that holds a person's data goes out only when its request has committed an audit entry
 * (G3). Which data is a person's is told by the names of fields, so a new endpoint is covered before anybody thinks of it. */
@Injectable()
export class ReadsAreAudited implements NestInterceptor {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const own = this.reflector.getAllAndOverride<boolean>(OWN_DATA, [context.getHandler(), context.getClass()]);
    if (own) return next.handle();
    const store = { entries: 0 };
    return new Observable((subscriber) =>
      request.run(store, () =>
        next
          .handle()
          .pipe(
            map((answer: unknown) => {
              if (store.entries === 0 && holdsPerson(answer)) throw new ReadNotAudited();
              return answer;
            }),
          )
          .subscribe(subscriber),
      ),
    );
  }
}

/** Whether an answer holds a person's data anywhere. */
export function holdsPerson(answer: unknown, depth = 0): boolean {
  if (typeof answer !== 'object' || answer === null || depth > 6) return false;
  if (Array.isArray(answer)) return answer.some((item) => holdsPerson(item, depth + 1));
  const entries = Object.entries(answer).filter(
    ([, value]) => value !== null && value !== undefined && value !== '' && !isBlanked(value),
  );
  return entries.some(
    ([name, value]) =>
      name !== NAMES_ONLY &&
      ((PERSONAL.has(name) && typeof value === 'string') ||
        (name === 'name' && typeof value === 'string' && BESIDE_NAME.some((beside) => beside in answer)) ||
        holdsPerson(value, depth + 1)),
  );
}

const isBlanked = (value: unknown): boolean => typeof value === 'string' && BLANKED.test(value);
