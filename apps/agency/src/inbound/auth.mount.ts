import type { Request as In, Response as Out, NextFunction } from 'express';
import express from 'express';
import type { INestApplicationContext } from '@nestjs/common';
import { securityHeaders, toProblem, usableJson, verifyUtf8 } from '@avtala/http';
import { AuthDoor } from '../services/auth-door.js';

const LIMIT = '16kb';

/** /api/auth, in front of the JSON parser and the guard of everything else. */
export function mountAuth(edge: { express: express.Express; context: INestApplicationContext }): void {
  const problem = (error: unknown, _request: In, response: Out, _next: NextFunction) => {
    const answer = toProblem(error);
    const wait = (error as { retryAfterSeconds?: number }).retryAfterSeconds;
    if (wait) response.setHeader('Retry-After', String(wait));
    response.status(answer.status).type('application/problem+json').send(JSON.stringify(answer));
  };
  edge.express.use(
    '/api/auth',
    securityHeaders(),
    express.json({ limit: LIMIT, strict: true, verify: verifyUtf8 }),
    usableJson(),
    async (request: In, response: Out) => {
      const answer = await edge.context.get(AuthDoor).answer({
        method: request.method,
        path: request.path,
        query: new URL(request.originalUrl, 'http://query.example').searchParams,
        headers: request.headers,
        body: request.body as unknown,
        address: request.ip ?? '',
      });
      response.status(answer.status);
      for (const line of answer.cookies) response.append('set-cookie', line);
      for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
      response.setHeader('cache-control', 'no-store');
      response.type('application/json').send(JSON.stringify(answer.body));
    },
    problem,
  );
}
