import { apiClient } from '@avtala/api-client';
import type { PublicWebConfig } from './config.js';

const DEADLINE_MS = 15_000;

/** Why scheduling did not do it: the code of its problem, or `later` when it is away. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = 'Refused';
  }
}

/** One visitor's conversation with scheduling about one link. */
export function schedulingFor(config: PublicWebConfig, token: string, visitor: string | undefined) {
  const api = apiClient({
    baseUrl: config.schedulingUrl,
    headers: visitor ? { 'x-forwarded-for': visitor } : {}, // believed where this process is a trusted proxy: abuse is counted by it
    fetch: (request: Request) => fetch(request, { redirect: 'error', signal: AbortSignal.timeout(DEADLINE_MS) }),
  });
  const path = { token };
  return {
    view: () => told(api.GET('/api/v1/public/meetings/{token}', { params: { path } })),
    free: (query: { from: string; to: string; timeZone: string }) =>
      told(api.GET('/api/v1/public/meetings/{token}/slots', { params: { path, query } })),
    file: () => told(api.GET('/api/v1/public/meetings/{token}/calendar', { params: { path }, parseAs: 'text' })),
    book: (body: { page: string; startsAt: string }) =>
      told(api.POST('/api/v1/public/meetings/{token}/book', { params: { path }, body })),
    move: (body: { page: string; startsAt: string }) =>
      told(api.POST('/api/v1/public/meetings/{token}/move', { params: { path }, body })),
    cancel: (body: { page: string; said?: string }) =>
      told(api.POST('/api/v1/public/meetings/{token}/cancel', { params: { path }, body })),
    decline: (body: { page: string }) =>
      told(api.POST('/api/v1/public/meetings/{token}/decline', { params: { path }, body })),
    wantTime: (body: { page: string }) =>
      told(api.POST('/api/v1/public/meetings/{token}/want-time', { params: { path }, body })),
  };
}

export type Scheduling = ReturnType<typeof schedulingFor>;
export type MeetingView = Awaited<ReturnType<Scheduling['view']>>;

/** @throws Refused */
async function told<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await asked;
  } catch {
    throw new Refused('later'); // away, slow, or no JSON
  }
  const { data, error, response } = answer;
  if (response.ok && data !== undefined) return data;
  if (response.status >= 500) throw new Refused('later');
  const code = (error as { code?: unknown } | undefined)?.code;
  throw new Refused(typeof code === 'string' ? code : 'unknown');
}
