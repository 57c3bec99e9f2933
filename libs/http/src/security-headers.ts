import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Headers of every answer (ASVS 3.2.1, 3.4.1, 3.4.3, 3.4.5, 14.3.2). Pages of the web apps add a nonce for their styles. */
export function securityHeaders(): RequestHandler {
  const base = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  });
  return (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store'); // answers hold personal data; none may stay in a browser or a proxy
    base(request, response, next);
  };
}
