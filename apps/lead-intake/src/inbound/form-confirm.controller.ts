import { Public } from '@avtala/access';
import { RawBody } from '@avtala/http';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { IntakeClosed, LeadRefused } from '../domain/errors.js';
import { FORM_TEXTS } from '../domain/form-texts.js';
import { FormConfirmation } from '../services/form-confirmation.service.js';
import { formFields } from './form-body.js';
import { askPage, gonePage, PAGE_HEADERS, sayPage } from './form-page.js';

/** The page a confirmation link leads to: no cookies, no scripts, nothing of what was typed. */
@Controller('confirm/:token')
@Public()
export class FormConfirmController {
  constructor(@Inject(FormConfirmation) private readonly confirmation: FormConfirmation) {}

  /** Changes nothing: mail scanners open links. */
  @Get()
  async ask(@Param('token') token: string, @Res() response: Response): Promise<void> {
    const asked = await this.confirmation.look(token);
    if (!asked) return answer(response, 410, gonePage());
    const { form, controller, state } = asked;
    const { language, consent_wording: wording } = form;
    if (state === 'confirmed') return answer(response, 200, sayPage(language, FORM_TEXTS[language].done(controller)));
    answer(response, 200, askPage(language, controller, wording));
  }

  /** The press of a button; the link itself is what makes it good, once. */
  @Post()
  @RawBody()
  async decide(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const fields = await formFields(request);
    const asked = await this.confirmation.look(token);
    if (!asked) return answer(response, 410, gonePage());
    const texts = FORM_TEXTS[asked.form.language];
    const say = (status: number, text: string) => answer(response, status, sayPage(asked.form.language, text));
    if (asked.state === 'confirmed') return say(200, texts.done(asked.controller));
    if (fields.answer === 'no') {
      const refused = await this.confirmation.refuse(asked);
      return say(200, refused ? texts.refused : texts.done(asked.controller));
    }
    if (fields.answer !== 'yes') return say(400, texts.ask(asked.controller));
    try {
      await this.confirmation.confirm(asked);
    } catch (error) {
      if (error instanceof IntakeClosed) return say(410, texts.closed);
      if (error instanceof LeadRefused) return say(503, texts.later);
      throw error;
    }
    // A no, or the end of its week, may have come before it.
    if ((await this.confirmation.look(token))?.state !== 'confirmed') return answer(response, 410, gonePage());
    say(200, texts.done(asked.controller));
  }
}

function answer(response: Response, status: number, page: string): void {
  response.status(status).set(PAGE_HEADERS).send(page);
}
