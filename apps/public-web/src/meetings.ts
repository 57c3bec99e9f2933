import { PAGE_HEADERS } from '@avtala/page';
import { Router, type Request, type Response } from 'express';
import { choiceOf, fieldOf, languageOf, startIn } from './asked.js';
import type { PublicWebConfig } from './config.js';
import { freeDays, nearestTo } from './free-days.js';
import { cancelPage } from './pages/cancel-page.js';
import { pathOf } from './pages/frame.js';
import { declinedPage, receiptPage } from './pages/receipt-page.js';
import { refusedPage } from './pages/refused-page.js';
import { timesPage } from './pages/times-page.js';
import { Refused, schedulingFor, type MeetingView, type Scheduling } from './scheduling.js';
import { TEXTS } from './texts.js';
import { clock } from './times.js';

interface Visit {
  request: Request;
  response: Response;
  token: string;
  api: Scheduling;
}

/** Refusals after which the same page says why, and something else can be chosen. */
const SHOWN_AGAIN = (code: string): boolean => code in TEXTS.sv.messages;

/** Välj tid, Flytta, Avboka and what comes of them: pages behind links in mails. GET changes nothing; a POST is answered by another address. */
export function meetingPages(config: PublicWebConfig): Router {
  const router = Router({ caseSensitive: true });
  const visit = (work: (v: Visit) => Promise<void>) => async (request: Request, response: Response) => {
    const token = String(request.params['token']);
    const v = { request, response, token, api: schedulingFor(config, token, request.ip) };
    try {
      if (!/^[A-Za-z0-9_-]{1,200}$/.test(token)) throw new Refused('link-invalid');
      await work(v);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, page } = refusedPage(config, error.code, languageOf(request), `/p/${token}`);
      if (error.code === 'later') response.set('retry-after', '5');
      response.status(status).set(PAGE_HEADERS).send(page);
    }
  };
  const page = async (v: Visit, status = 200, message?: Message): Promise<void> => {
    const view = await v.api.view();
    const made = await madePage(config, v, view, message);
    if (made === undefined) return redirect(v, pathOf(view.receiptToken!, choiceOf(v.request, view)));
    v.response.status(status).set(PAGE_HEADERS).send(made);
  };
  const press =
    (work: (v: Visit, body: { page: string }) => Promise<string>) =>
    async (v: Visit): Promise<void> => {
      try {
        redirect(v, await work(v, { page: fieldOf(v.request, 'page') ?? '' }));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // Booked by another page of the same link: its receipt is shown.
        if (error.code === 'link-replaced' && v.request.path.endsWith('/book')) return redirect(v, `/p/${v.token}`);
        if (error.code === 'booking-changed') throw new Refused('link-replaced');
        if (error.code === 'idempotency-key-reused') return page(v, 422, { code: 'page-invalid' });
        if (!SHOWN_AGAIN(error.code)) throw error;
        await page(v, error.code === 'later' ? 503 : error.code === 'slot-taken' ? 409 : 422, { code: error.code });
      }
    };

  router.get(
    '/:token',
    visit((v) => page(v)),
  );
  router.get(
    '/:token/calendar.ics',
    visit(async ({ api, response }) => {
      const file = await api.file();
      response
        .set({ ...PAGE_HEADERS, 'content-type': 'text/calendar; charset=utf-8' })
        .set('content-disposition', 'attachment; filename="meeting.ics"')
        .send(file);
    }),
  );
  router.post('/:token/book', visit(press((v, body) => chosen(v, body, 'book'))));
  router.post('/:token/move', visit(press((v, body) => chosen(v, body, 'move'))));
  router.post(
    '/:token/cancel',
    visit(
      press(async (v, body) => {
        const said = fieldOf(v.request, 'said')?.trim();
        const { receipt } = await v.api.cancel({ ...body, ...(said ? { said: said.slice(0, 1000) } : {}) });
        return after(v, receipt);
      }),
    ),
  );
  router.post('/:token/decline', visit(press(async (v, body) => (await v.api.decline(body), after(v, v.token)))));
  router.post('/:token/want-time', visit(press(async (v, body) => (await v.api.wantTime(body), after(v, v.token)))));
  // A press that was reloaded, or a link cut in two: the page itself.
  router.get('/:token/:act', (request, response) => response.redirect(303, `/p/${request.params.token}`));
  return router;
}

interface Message {
  code: string;
}

/** @returns undefined where the link has led to a meeting, whose receipt is to be shown */
async function madePage(
  config: PublicWebConfig,
  { request, token, api }: Visit,
  view: MeetingView,
  message?: Message,
): Promise<string | undefined> {
  const choice = choiceOf(request, view);
  const common = { view, token, choice };
  if (view.purpose === 'receipt') return receiptPage(config, { ...common, moved: request.query['did'] === 'move' });
  if (view.purpose === 'cancel')
    return cancelPage(config, { ...common, message: said(message, '', null), said: fieldOf(request, 'said') });
  if (view.state === 'declined') return declinedPage(config, common);
  if (view.state !== 'open') return undefined;
  const shown = await freeDays(api, choice.from, choice.zone, Temporal.Instant.from(view.now));
  const wanted = message && startIn(request);
  const nearest = wanted && message.code === 'slot-taken' ? nearestTo(wanted, shown) : [];
  const at = wanted ? clock(wanted, choice.zone) : '';
  const text = said(message, at, nearest[0] ? clock(nearest[0], choice.zone) : null);
  return timesPage(config, { ...common, shown, message: text, nearest });

  function said(of: Message | undefined, time: string, next: string | null): string | undefined {
    return of && TEXTS[choice.language].messages[of.code]?.(time, next);
  }
}

async function chosen(v: Visit, body: { page: string }, act: 'book' | 'move'): Promise<string> {
  const start = startIn(v.request);
  if (!start) throw new Refused('none-chosen');
  const { receipt } = await v.api[act]({ ...body, startsAt: start.toString() });
  return after(v, receipt, act === 'move' ? { did: 'move' } : {});
}

/** Where the answer is: the browser loads it by GET, so that reloading it sends nothing again. */
function after({ request }: Visit, token: string, more: Record<string, string> = {}): string {
  const [lang, zone] = [fieldOf(request, 'lang'), fieldOf(request, 'zone')];
  const query = new URLSearchParams({ ...(lang ? { lang } : {}), ...(zone ? { zone } : {}), ...more }).toString();
  return `/p/${token}${query && `?${query}`}`;
}

function redirect({ response }: Visit, path: string): void {
  const { 'content-type': _, ...headers } = PAGE_HEADERS;
  response.set(headers).redirect(303, path);
}
