import { PAGE_HEADERS } from '@avtala/page';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { languageOf } from './asked.js';
import type { PublicWebConfig } from './config.js';
import { meetingPages } from './meetings.js';
import { refusedPage } from './pages/refused-page.js';

export { configFrom, type PublicWebConfig } from './config.js';

/** Path that these pages answer, as the ingress routes it. */
export const PUBLIC_WEB_ROUTES: readonly string[] = ['/p'];

/**
 * What leads see: pages behind links in mails, made on the server, without cookies, scripts or anything to load. They hold no state and no secret:
 * whatever is done is done by the services' public endpoints. Read first: `meetings.ts`.
 */
export function publicWeb(config: PublicWebConfig): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.set('trust proxy', config.trustedProxies.length ? config.trustedProxies : false);
  app.set('query parser', 'simple');
  app.use('/p', express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 30 }), meetingPages(config));
  app.use('/p', (request, response) => {
    const { status, page } = refusedPage(config, 'link-invalid', languageOf(request), request.baseUrl + request.path);
    response.status(status).set(PAGE_HEADERS).send(page);
  });
  const failed: ErrorRequestHandler = (error: { status?: unknown }, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : 500;
    const { page } = refusedPage(config, 'unknown', languageOf(request), '/p');
    response.status(status).set(PAGE_HEADERS).send(page);
  };
  app.use('/p', failed);
  return app;
}
