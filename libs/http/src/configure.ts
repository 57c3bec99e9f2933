import type { NestExpressApplication } from '@nestjs/platform-express';
import { ProblemFilter } from './problem-filter.js';
import { securityHeaders } from './security-headers.js';
import { validationPipe } from './validation.js';

/** What every service's Nest app has in common at its edge. Create the app with `bodyParser: false`.
 * @param options.bodyLimit bytes of a JSON body, 100 kB by default; larger answers 413 */
export function configureHttp(app: NestExpressApplication, options: { bodyLimit?: number } = {}): void {
  app.disable('x-powered-by');
  app.use(securityHeaders());
  app.useBodyParser('json', { limit: options.bodyLimit ?? 102_400, strict: true });
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalPipes(validationPipe());
}
