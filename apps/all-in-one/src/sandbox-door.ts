import {
  NotAllowed,
  requireOwnOrigin,
  SecondFactorRequired,
  SignInRequired,
  type Role,
  Sessions,
  sessionTokenOf,
} from '@avtala/access';
import { Missing, RetryLater } from '@avtala/contracts';
import { problem, securityHeaders, toProblem } from '@avtala/http';
import { installationSecret, type Host, type RuntimeEnv } from '@avtala/runtime';
import type { Clock } from '@avtala/time';
import { json, Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { request } from 'node:http';

const STAFF: readonly Role[] = ['admin', 'supervisor', 'booker', 'dpo'];
/** A look at thousands of records takes a moment; moving the clock answers at once and goes on behind. */
const DEADLINE_MS = 20_000;

export interface SandboxDoorOptions {
  /** Address of the sandbox's control, on loopback. */
  readonly control: string;
  readonly clock: Clock;
  readonly sessions: Pick<Sessions, 'principalOf'>;
  readonly authSecret: string;
  /** Addresses of our own pages; empty = the host a request was sent to. */
  readonly ownOrigins: readonly string[];
}

/**
 * `/sandbox/*`: what the console's sandbox bar needs of the sandbox's process (apps/sandbox/README.md), for signed-in staff, from our own pages
 * only, since a page's rules let it talk to no other address. Mounted only where there is a test clock, and with one production does not start.
 */
export function sandboxDoor(o: SandboxDoorOptions): Router {
  const door = Router();
  door.use(securityHeaders());
  // Public pages wear the bar too: that it is the sandbox, and what time it is there, is no secret.
  door.get('/bar', (_req, res) => void res.json({ now: o.clock.now().toString({ smallestUnit: 'second' }) }));
  door.use(staffOnly(o), json({ limit: '100kb', strict: true }), passOn(o.control), refused);
  return door;
}

/** The door of a host whose variables name a test clock. */
export function sandboxDoorOf(host: Host, env: RuntimeEnv): Router {
  return sandboxDoor({
    control: env.AVTALA_TEST_CLOCK!,
    clock: host.clock,
    sessions: host.services[0]!.app.get(Sessions),
    authSecret: installationSecret(env.AVTALA_SECRETS_DIR, 'auth.secret'),
    ownOrigins: env.AVTALA_ORIGIN ? [env.AVTALA_ORIGIN] : [],
  });
}

function staffOnly(o: SandboxDoorOptions): RequestHandler {
  return async (req, _res, next) => {
    const token = sessionTokenOf(req.headers.cookie, o.authSecret);
    if (!token) throw new SignInRequired();
    requireOwnOrigin(req, o.ownOrigins);
    const caller = await o.sessions.principalOf(token);
    if (!caller) throw new SignInRequired();
    if (caller.aal < 2) throw new SecondFactorRequired();
    if (!STAFF.includes(caller.role)) throw new NotAllowed();
    next();
  };
}

function passOn(control: string): RequestHandler {
  return async (req, res) => {
    const url = new URL(req.originalUrl, control);
    // The rest of the control API stays on loopback: `/sandbox/../clock` is none of ours.
    if (url.origin !== new URL(control).origin || !url.pathname.startsWith('/sandbox/')) throw new Missing('page');
    const { status, type, body } = await ask(url, req);
    if (status >= 400) return refuse(res, status, body);
    res.status(status).type(type).send(body);
  };
}

function ask(url: URL, req: Request): Promise<{ status: number; type: string; body: Buffer }> {
  const body = req.body === undefined ? undefined : JSON.stringify(req.body);
  return new Promise((resolve, reject) => {
    const away = (cause: unknown) => reject(new RetryLater('sandbox-away', undefined, { cause }));
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request(url, { method: req.method, headers, timeout: DEADLINE_MS }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', away);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 502,
          type: answer.headers['content-type'] ?? 'application/json',
          body: Buffer.concat(chunks),
        }),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', away);
    asked.end(body);
  });
}

function refuse(res: Response, status: number, body: Buffer): void {
  const { code, message } = parsed(body);
  const answer = problem(status, code ?? 'sandbox-failed', message ?? 'The sandbox could not do that');
  res.status(status).type('application/problem+json').send(JSON.stringify(answer));
}

function parsed(body: Buffer): { code?: string; message?: string } {
  try {
    return JSON.parse(body.toString('utf8')) as { code?: string; message?: string };
  } catch {
    return {};
  }
}

const refused: ErrorRequestHandler = (error, _req, res, _next) => {
  const answer = toProblem(error);
  res.status(answer.status).type('application/problem+json').send(JSON.stringify(answer));
};
