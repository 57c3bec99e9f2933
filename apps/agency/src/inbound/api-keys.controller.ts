import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { Allow, Caller, KEY_VERBS, type KeyVerb, type Principal, StepUp } from '@avtala/access';
import { GROUNDS, type Ground } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { type ApiKeyRow, ApiKeysService } from '../services/api-keys.service.js';
import { Trimmed } from './fields.js';

/** About the supplier, never about a person: no address, no number that could be one's. */
const NAMES_NOBODY = /^(?!.*@)(?!.*\d{6}[-+ ]?\d{4})[^\p{Cc}\p{Cs}]*[\p{L}\p{N}][^\p{Cc}\p{Cs}]*$/u;

class NewApiKeyBody {
  @Trimmed() @IsString() @Length(1, 200) @Matches(NAMES_NOBODY) name!: string;
  @IsArray() @ArrayNotEmpty() @ArrayUnique() @IsIn(KEY_VERBS, { each: true }) verbs!: KeyVerb[];
  /** Where the supplier's data comes from, as people are told (B8). */
  @Trimmed() @IsString() @Length(1, 400) @Matches(NAMES_NOBODY) source!: string;
  @Trimmed() @IsString() @Length(1, 100) @Matches(NAMES_NOBODY) supplier!: string;
  @IsIn(GROUNDS) ground!: Ground;
  @IsOptional() @IsInt() @Min(1) @Max(365) expiresInDays?: number;
}

class KeysPage {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @IsUUID() after = '00000000-0000-0000-0000-000000000000';
}

class ApiKeyView {
  readonly id!: string;
  readonly name!: string;
  /** The part of the key that may be shown. */
  readonly publicPart!: string;
  readonly verbs!: string[];
  readonly source!: string;
  readonly supplier!: string;
  readonly ground!: string;
  readonly state!: 'active' | 'expired' | 'revoked';
  readonly createdAt!: string;
  readonly expiresAt!: string;
  /** Swedish calendar day. */
  readonly lastUsedOn!: string | null;
}

class NewApiKeyView extends ApiKeyView {
  /** Shown this once. */
  readonly key!: string | null;
}

class ApiKeysView {
  readonly items!: ApiKeyView[];
  readonly next!: string | null;
}

@Controller('api/v1/engagements/:id/api-keys')
@Allow('admin')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @StepUp()
  async make(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) engagementId: string,
    @Body() { expiresInDays, ...body }: NewApiKeyBody,
  ): Promise<NewApiKeyView> {
    const made = await this.keys.make(caller, claim, engagementId, { ...body, days: expiresInDays ?? 365 });
    return { ...viewOf(made), key: made.key };
  }

  @Get()
  async list(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @Query() page: KeysPage,
  ): Promise<ApiKeysView> {
    const found = await this.keys.list(caller, engagementId, page);
    return { items: found.map(viewOf), next: found.length === page.limit ? found.at(-1)!.id : null };
  }

  /** Without a step-up: a key that leaked is taken back at once. */
  @Post(':keyId/revoke')
  @HttpCode(200)
  async revoke(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Param('id', IdPipe) engagementId: string,
    @Param('keyId', IdPipe) keyId: string,
  ): Promise<ApiKeyView> {
    return viewOf(await this.keys.revoke(caller, claim, engagementId, keyId));
  }
}

function viewOf(k: ApiKeyRow): ApiKeyView {
  const expired = k.expiresAt.getTime() <= Date.now(); // real time, as the guard's look-up
  return {
    id: k.id,
    name: k.name,
    publicPart: k.publicPart,
    verbs: k.verbs,
    source: k.source,
    supplier: k.supplier,
    ground: k.ground,
    state: k.revokedAt ? 'revoked' : expired ? 'expired' : 'active',
    createdAt: k.createdAt.toISOString(),
    expiresAt: k.expiresAt.toISOString(),
    lastUsedOn: k.lastUsedOn,
  };
}
