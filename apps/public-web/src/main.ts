import express from 'express';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configFrom, publicWeb } from './index.js';

/** The public pages in a process of their own, until SIGINT or SIGTERM. They need the address of scheduling, and nothing else. */
function serve(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { HOST = '127.0.0.1', PORT = '7070' } = process.env;
  const edge = express().disable('x-powered-by');
  edge.get(['/health/live', '/health/ready'], (_request, response) => void response.json({ live: true, ready: true }));
  edge.use(publicWeb(configFrom(process.env)));
  const server = createServer(edge);
  const stop = () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 10_000).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  server.listen(Number(PORT), HOST, () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ ready: true, service: 'public-web', address: `http://${HOST}:${port}` }));
  });
}

try {
  serve();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
