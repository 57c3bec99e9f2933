import { ownerOf, type ServiceDefinition } from '@avtala/runtime';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an ingress does: gives each request to the process whose service owns the path. */
export async function front(
  shape: readonly { services: readonly ServiceDefinition[]; url: string }[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const owners = shape.flatMap(({ services, url }) => services.map((s) => ({ routes: s.routes, url })));
  const server: Server = createServer((req, res) => {
    const owner = ownerOf(owners, new URL(req.url!, 'http://front.example').pathname);
    if (!owner) {
      res.writeHead(404).end();
      return;
    }
    const onward = request(`${owner.url}${req.url}`, { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.writeHead(503).end());
    req.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
