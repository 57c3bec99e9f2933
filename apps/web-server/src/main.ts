import 'reflect-metadata';
import { securityHeaders, toProblem } from '@avtala/http';
import { Missing } from '@avtala/contracts';
import { parseConfig } from '@avtala/runtime';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { AddressInfo } from 'node:net';
import { WebServerConfig } from './config.js';
import { SITE_DIR } from './site-dir.js';
import { openSite } from './site.js';

/** The console as a process of its own, behind the ingress' catch-all path, until SIGINT or SIGTERM. It knows no database and no secret. */
const config = parseConfig(WebServerConfig, process.env);
const site = await openSite(SITE_DIR);
const app = express();
app.disable('x-powered-by');
app.get(['/health/live', '/health/ready'], (_request, response) => void response.json({ ready: true }));
app.use(site);
app.use(securityHeaders(), (_request: Request, _response: Response, next: NextFunction) => next(new Missing('page')));
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  const answer = toProblem(error);
  response.status(answer.status).type('application/problem+json').send(JSON.stringify(answer));
});
const server = app.listen(config.PORT, config.HOST, () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, service: 'web', address: `http://${config.HOST}:${port}` }));
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
