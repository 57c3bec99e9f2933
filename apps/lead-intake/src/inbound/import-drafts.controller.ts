import { Allow, Caller, type Principal } from '@avtala/access';
import { IdPipe } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, IsString, IsUUID, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import type { Mapping } from '../domain/columns.js';
import { ImportDrafts, type ImportDraft } from '../services/import-draft.service.js';
import { ImportStatus, viewOf } from './imports.controller.js';

class DraftConsent {
  @IsOptional() @IsString() @MaxLength(100) version?: string;
  @IsOptional() @IsString() @MaxLength(2000) wording?: string;
  @IsOptional() @IsString() @MaxLength(500) how?: string;
  @IsOptional() @IsString() @MaxLength(40) givenAt?: string;
  @IsOptional() @IsString() @MaxLength(500) proof?: string;
}

/** As it was typed so far: what is wrong with it, the dry run says. */
class DraftBody {
  @IsOptional() @IsString() @MaxLength(500) source?: string;
  @IsOptional() @IsString() @MaxLength(100) supplier?: string;
  @IsOptional() @IsString() @MaxLength(40) ground?: string;
  @IsOptional() @IsString() @MaxLength(40) obtainedAt?: string;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => DraftConsent) consentWording?: DraftConsent;
  @IsOptional() @IsObject() mapping?: Record<string, string | null>;
}

/** A file that waits for its mapping, with what was filled in about it so far. */
class WaitingFileView {
  /** As the file has them, in its order. */
  readonly columns!: string[];
  /** Column → field, or null: a first reading, to be confirmed. */
  readonly mapping!: Mapping;
  /** Columns whose field is a guess; the others are as this supplier's files were read before. */
  readonly guessed!: string[];
  /** Columns outside the categories that may be taken in (B1). */
  readonly notTakenIn!: string[];
  /** Columns this supplier's files had before and this one has not. */
  readonly gone!: string[];
  readonly supplier!: string | null;
  readonly draft!: ImportDraft | null;
}

class ImportsQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100) limit = 20;
  @IsOptional() @IsUUID() after?: string;
}

class ImportLine extends ImportStatus {
  readonly supplier!: string | null;
  readonly createdAt!: string;
}

class ImportsView {
  readonly items!: ImportLine[];
  readonly next!: string | null;
}

/** Imports that are found again: by their address, and in an engagement's list. */
@Controller('api/v1')
@Allow('admin', 'supervisor')
export class ImportDraftsController {
  constructor(@Inject(ImportDrafts) private readonly drafts: ImportDrafts) {}

  @Get('engagements/:id/imports')
  async list(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @Query() query: ImportsQuery,
  ): Promise<ImportsView> {
    const found = await this.drafts.list(caller, engagementId, query);
    const items = found.map((i) => ({ ...viewOf(i), supplier: i.supplier, createdAt: i.created_at.toISOString() }));
    return { items, next: items.length === query.limit ? items.at(-1)!.id : null };
  }

  @Get('imports/:id/draft')
  async read(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<WaitingFileView> {
    return this.drafts.read(caller, id);
  }

  /** The whole draft, each time; it is kept under the file's own key and goes with it. */
  @Put('imports/:id/draft')
  @HttpCode(204)
  async keep(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Body() body: DraftBody): Promise<void> {
    const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value != null));
    await this.drafts.keep(caller, id, said as ImportDraft);
  }
}
