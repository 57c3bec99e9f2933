import { Public } from '@avtala/access';
import { IdPipe, RawBody, validationPipe } from '@avtala/http';
import { Controller, Get, HttpCode, Inject, Options, Param, Post, Req, Res } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean, IsEmail, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Request, Response } from 'express';
import { FORM_TEXTS } from '../domain/form-texts.js';
import { FormDoor } from '../services/form-door.service.js';
import type { WebForm } from '../storage/web-form.js';
import { formFields } from './form-body.js';
import { PAGE_HEADERS, sayPage } from './form-page.js';

/** A box that is ticked, as JSON and as browsers send it; one that is not is absent. */
const Ticked = () =>
  Transform(({ value }: { value: unknown }) => (value === 'on' || value === 'true' || value === '1' ? true : value));

/** The categories of B1, and nothing else. */
class FormSubmission {
  @IsString() @MaxLength(200) name!: string;
  @IsEmail() @MaxLength(254) email!: string;
  @IsOptional() @IsString() @MaxLength(200) company?: string;
  @IsOptional() @IsString() @MaxLength(200) title?: string;
  @IsOptional() @IsString() @MaxLength(40) phone?: string;
  @IsOptional() @IsString() @MaxLength(300) social?: string;
  /** A consent of its own (B4). */
  @IsOptional() @Ticked() @IsBoolean() marketing?: boolean;
  /** From GET, a few seconds to two hours old. */
  @IsString() @MaxLength(200) token!: string;
  /** Hidden from people. */
  @IsOptional() @IsString() @MaxLength(2000) website?: string;
}

class WordingView {
  readonly version!: string;
  readonly wording!: string;
}

class PublicFormView {
  readonly id!: string;
  readonly language!: string;
  readonly consent!: WordingView;
  /** To be shown with a box of its own that is not ticked; null = not offered. */
  readonly marketing!: WordingView | null;
  readonly fields!: string[];
  /** To be sent back; good once, from a few seconds on, for two hours. */
  readonly token!: string;
}

class AcceptedView {
  readonly accepted!: boolean;
}

const FIELDS = ['name', 'email', 'company', 'title', 'phone', 'social'];
const shape = validationPipe();

/** Forms on clients' sites (C7). Nobody is signed in here and no cookie is looked at; which pages may ask is the form's own list. */
@Controller('api/v1/public/forms')
@Public()
export class PublicFormsController {
  constructor(@Inject(FormDoor) private readonly door: FormDoor) {}

  @Get(':id')
  async describe(
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PublicFormView> {
    const form = await this.opened(id, request, response);
    this.door.requireOrigin(form, request.headers.origin);
    const { marketing_version: version, marketing_wording: wording } = form;
    return {
      id,
      language: form.language,
      consent: { version: form.consent_version, wording: form.consent_wording },
      marketing: version && wording ? { version, wording } : null,
      fields: FIELDS,
      token: this.door.timeToken(form),
    };
  }

  @Options(':id')
  @HttpCode(204)
  async preflight(
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.opened(id, request, response);
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-allow-headers', 'content-type');
    response.setHeader('access-control-max-age', '600');
  }

  /** Without an Idempotency-Key: the form's token can be used once only. A browser's own form is answered with a page. */
  @Post(':id')
  @HttpCode(202)
  @RawBody()
  async submit(
    @Param('id', IdPipe) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AcceptedView | string> {
    const form = await this.opened(id, request, response);
    const fields = await formFields(request);
    const sent = (await shape.transform(fields, { type: 'body', metatype: FormSubmission })) as FormSubmission;
    const { token, website = '', marketing = false, ...raw } = sent;
    const visitor = { address: request.ip ?? '', origin: request.headers.origin };
    await this.door.submit(form, visitor, { raw, marketing, token, trap: website });
    if (request.is('application/json')) return { accepted: true };
    response.set(PAGE_HEADERS);
    return sayPage(form.language, FORM_TEXTS[form.language].received);
  }

  /** Before anything can be refused: a page that may ask must be able to read the refusal too. */
  private async opened(id: string, request: Request, response: Response): Promise<WebForm> {
    response.vary('Origin');
    const form = await this.door.open(id);
    const { origin } = request.headers;
    if (origin !== undefined && form.origins.includes(origin)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('cross-origin-resource-policy', 'cross-origin');
    }
    return form;
  }
}
