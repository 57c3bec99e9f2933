import type { NestExpressApplication } from '@nestjs/platform-express';
import { json } from 'express';
import { JsonOnly, usableJson, verifyUtf8 } from './json-body.js';
import { ProblemFilter } from './problem-filter.js';
import { securityHeaders } from './security-headers.js';
import { validationPipe } from './validation.js';

/** What every service's Nest app has in common at its edge. Create the app with `bodyParser: false`.
 * @param options.bodyLimit bytes of a JSON body, 100 kB by default; larger answers 413 */
export function configureHttp(app: NestExpressApplication, options: { bodyLimit?: number } = {}): void {
  app.disable('x-powered-by');
  app.use(securityHeaders());
  app.use(json({ limit: options.bodyLimit ?? 102_400, strict: true, verify: verifyUtf8 }));
  app.use(usableJson());
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalInterceptors(new JsonOnly());
  app.useGlobalPipes(validationPipe());
}
