import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  registerDecorator,
  ValidateNested,
} from 'class-validator';
import { FORM_LANGUAGES, type FormLanguage } from '../domain/form-texts.js';
import { WebForms } from '../services/web-forms.service.js';
import type { WebForm } from '../storage/web-form.js';
import { SAYS_SOMETHING } from './stated.js';

/** `https://www.client.example`, as a browser writes it in Origin; without TLS on this machine only. */
function IsPageOrigin(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'pageOrigin',
      target: target.constructor,
      propertyName: String(property),
      options: { message: 'each value in $property must be an origin such as https://www.client.example', each: true },
      validator: { validate: isPageOrigin },
    });
}

function isPageOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 253 || !URL.canParse(value)) return false;
  const { origin, protocol, hostname } = new URL(value);
  const local = hostname === 'localhost' || hostname === '127.0.0.1';
  return origin === value && (protocol === 'https:' || (protocol === 'http:' && local));
}

class WordingBody {
  @Matches(SAYS_SOMETHING) @MaxLength(100) version!: string;
  @Matches(SAYS_SOMETHING) @MaxLength(2000) wording!: string;
}

class NewFormBody {
  /** Stands as the source of the leads that come through it. */
  @Matches(SAYS_SOMETHING) @MaxLength(200) name!: string;
  @IsIn(FORM_LANGUAGES) language!: FormLanguage;
  /** Pages it may be sent from. */
  @IsArray() @ArrayNotEmpty() @ArrayMaxSize(20) @ArrayUnique() @IsPageOrigin() origins!: string[];
  /** What whoever sends it agrees to. */
  @IsObject() @ValidateNested() @Type(() => WordingBody) consent!: WordingBody;
  /** Offered beside it, not ticked. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => WordingBody) marketing?: WordingBody;
}

class FormsPage {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @IsUUID() after = '00000000-0000-0000-0000-000000000000';
}

class FormWording {
  readonly version!: string;
  readonly wording!: string;
}

class FormView {
  readonly id!: string;
  readonly name!: string;
  readonly language!: string;
  readonly origins!: string[];
  readonly consent!: FormWording;
  readonly marketing!: FormWording | null;
  readonly state!: 'open' | 'closed';
  readonly createdAt!: string;
}

class FormsView {
  readonly items!: FormView[];
  readonly next!: string | null;
}

@Controller('api/v1/engagements/:id/forms')
@Allow('admin', 'supervisor')
export class FormsController {
  constructor(@Inject(WebForms) private readonly forms: WebForms) {}

  @Post()
  async create(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewFormBody,
  ): Promise<FormView> {
    const marketing = body.marketing ?? null;
    return viewOf(await this.forms.create(caller, engagementId, claim, { ...body, marketing }));
  }

  @Get()
  async list(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @Query() page: FormsPage,
  ): Promise<FormsView> {
    const found = await this.forms.list(caller, engagementId, page);
    return { items: found.map(viewOf), next: found.length === page.limit ? found.at(-1)!.id : null };
  }

  @Post(':formId/close')
  @HttpCode(200)
  async close(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @Param('formId', IdPipe) formId: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<FormView> {
    return viewOf(await this.forms.close(caller, engagementId, formId, claim));
  }
}

function viewOf(f: WebForm): FormView {
  const { marketing_version: version, marketing_wording: wording } = f;
  return {
    id: f.id,
    name: f.name,
    language: f.language,
    origins: f.origins,
    consent: { version: f.consent_version, wording: f.consent_wording },
    marketing: version && wording ? { version, wording } : null,
    state: f.closed_at ? 'closed' : 'open',
    createdAt: f.created_at.toISOString(),
  };
}
