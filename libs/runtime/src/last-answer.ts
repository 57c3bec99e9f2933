import { problem, securityHeaders, toProblem } from '@avtala/http';
import { Missing } from '@avtala/contracts';
import type { Request, Response } from 'express';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const headers = securityHeaders();

/** For a path that belongs to no service, and for what failed before a service was found: express's own answer is a page that repeats the path. */
export function lastAnswer(error: unknown, request: Request, response: Response): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  headers(request, response, () => {
    const answer = toProblem(error ?? new Missing('page'));
    response.statusCode = answer.status;
    response.setHeader('content-type', 'application/problem+json');
    (response as ServerResponse).end(JSON.stringify(answer));
  });
}

/** `clientError` of a server: requests that Node's HTTP parser refuses never reach express. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'headers-too-large', 'The headers of the request are too large'] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'timeout', 'The request took too long'] as const)
        : ([400, 'http-invalid', 'That is not a valid HTTP request'] as const);
  const body = JSON.stringify(problem(status, code, detail));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nCache-Control: no-store\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
