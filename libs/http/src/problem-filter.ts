import { AppError } from '@avtala/contracts';
import { isTransient } from '@avtala/database';
import { log } from '@avtala/observability';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { randomUUID } from 'node:crypto';
import { frameworkProblem, problem, problemOf, type Problem } from './problem.js';

/** Every error that reaches the edge becomes problem details. AppErrors by their kind; what the framework refused by its status;
 * anything else is a 500 with an id under which its class and stack are logged, and nothing of its text. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error; // consumers have their own rules (libs/messaging)
    const response = host.switchToHttp().getResponse<Response>();
    const answer = toProblem(error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (answer.status === 503) response.setHeader('Retry-After', '1');
    const wait = answer.facts?.['retryAfterSeconds'];
    if (answer.status === 429 && typeof wait === 'number') response.setHeader('Retry-After', String(wait));
    if (answer.status === 401) response.setHeader('WWW-Authenticate', 'Cookie realm="avtala"');
    response.status(answer.status).type('application/problem+json').send(JSON.stringify(answer));
  }
}

/** The problem an error is answered with. A 500 is logged here. */
export function toProblem(error: unknown): Problem {
  if (error instanceof AppError) {
    if (error.kind === 'later') log.warn('http.later', { code: error.code }, error.cause);
    return problemOf(error);
  }
  const refused = refusedByFramework(error);
  if (refused) return refused;
  if (isTransient(error)) {
    log.warn('http.database-busy', {}, error);
    return problem(503, 'database-busy', 'The database is busy or restarting; try again');
  }
  const errorId = randomUUID();
  log.error('http.unexpected', { errorId }, error);
  return problem(500, 'unexpected', 'The cause was logged under this id', { errorId });
}

// Body-parser's errors (http-errors) carry `type`; Nest wraps some of them, with the original as cause, and some not.
function refusedByFramework(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { type } = error as { type?: unknown };
  if (type === 'entity.too.large') return frameworkProblem(413);
  if (type === 'entity.parse.failed' || error instanceof SyntaxError) return frameworkProblem(400, 'json-invalid');
  if (type === 'request.aborted' || type === 'request.size.invalid') return frameworkProblem(400, 'request-cut-off');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return frameworkProblem(415);
  if (error instanceof URIError) return frameworkProblem(400, 'url-invalid');
  const status = error instanceof HttpException ? error.getStatus() : (error as { status?: unknown }).status;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (error instanceof HttpException && status === 400 && isJsonFault(error))
    return frameworkProblem(400, 'json-invalid');
  return frameworkProblem(status);
}

// Nest turns body-parser's SyntaxError into a BadRequestException whose only trace of it is the parser's sentence.
function isJsonFault(error: HttpException): boolean {
  return error.cause instanceof SyntaxError || / in JSON|JSON input|property name|JSON at position/.test(error.message);
}
