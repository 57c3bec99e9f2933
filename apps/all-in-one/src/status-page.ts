import type { Host } from '@avtala/runtime';
import type { Request, Response } from 'express';
import type { SandboxUrls } from './sandbox-process.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d9dee6}
.bar{background:#7a3e00;color:#fff;padding:.5rem .8rem;border-radius:6px}a{color:#0b57d0}
@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}td,th{border-color:#333b47}a{color:#8ab4f8}}`;

/** What of the sandbox can be looked at (apps/sandbox/README.md). */
const LOOK = [
  ['/mailboxes', 'Mailboxes'],
  ['/invites', 'Invites'],
  ['/google/state', 'Calendars'],
  ['/hubspot/state', 'CRM'],
  ['/clock', 'Clock'],
];

/** `GET /sandbox/status`: a plain page that says what runs here and what is due next. No personal data. */
export function statusPage(
  host: Host,
  sandbox: SandboxUrls | undefined,
): (req: Request, res: Response) => Promise<void> {
  return async (_req, res) => {
    const rows = await Promise.all(
      host.services.map(async (s) => {
        const state = await s.messaging.dueState();
        const next = state.next ? state.next.toString({ smallestUnit: 'second' }) : 'nothing planned';
        return `<tr><td>${s.definition.name}</td><td>${state.busy ? 'working' : 'idle'}</td><td>${next}</td></tr>`;
      }),
    );
    const now = host.clock.now().toString({ smallestUnit: 'second' });
    res.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    res.type('html')
      .send(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Avtala</title><style>${STYLE}</style><h1>Avtala</h1>
${sandbox ? '<p class="bar">Sandbox: stand-ins for vendors, a test clock, nothing leaves this machine.</p>' : ''}
<p>Business time: <time>${now}</time></p>
<table><tr><th>Service</th><th>State</th><th>Next deadline</th></tr>${rows.join('')}</table>
<p><a href="/health/ready">Readiness</a>${sandbox ? LOOK.map(([path, name]) => ` · <a href="${sandbox.control}${path}">${name}</a>`).join('') : ''}</p></html>`);
  };
}
