import { Allow, Caller, StepUp, type Principal } from '@avtala/access';
import { IsInstant, GROUNDS, type Ground } from '@avtala/contracts';
import { IdempotentKey, IdPipe, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BULK_ACTS, type BulkAct, type BulkCause } from '../domain/bulk.js';
import { LEAD_STATUSES, type LeadStatus } from '../domain/lead-status.js';
import { Bulk, type BulkView } from '../services/bulk.service.js';
import { EXPORT_FIELDS, LeadExport, type ExportField, type ExportView } from '../services/lead-export.service.js';

/** Blanks are no reason. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/** As the list's filters, in one engagement. */
class Filter {
  @IsOptional() @IsIn(LEAD_STATUSES) state?: LeadStatus;
  @IsOptional() @IsString() @MaxLength(500) source?: string;
  @IsOptional() @IsIn(GROUNDS) ground?: Ground;
  @IsOptional() @IsInstant() noticeBefore?: string;
  @IsOptional() @IsBoolean() callable?: boolean;
  @IsOptional() @IsBoolean() ownerOnly?: boolean;
}

class BulkBody {
  @IsUUID() engagementId!: string;
  @IsIn(BULK_ACTS) act!: BulkAct;
  /** Kept in the audit trail. About the work, never about a person. */
  @Matches(SAYS_SOMETHING) @MaxLength(500) reason!: string;
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID(undefined, { each: true }) ids?: string[];
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Filter) filter?: Filter;
  /** Only say what it would do. */
  @IsOptional() @IsBoolean() dryRun?: boolean;
}

class UntouchedBody {
  readonly cause!: BulkCause;
  readonly count!: number;
}

class BulkState implements BulkView {
  readonly id!: string | null;
  readonly act!: BulkAct;
  readonly state!: 'preview' | 'running' | 'done';
  readonly acting!: number;
  readonly done!: number;
  readonly untouched!: UntouchedBody[];
}

class ExportBody {
  @IsUUID() engagementId!: string;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Filter) filter?: Filter;
  @IsArray() @ArrayMinSize(1) @ArrayUnique() @IsIn(EXPORT_FIELDS, { each: true }) fields!: ExportField[];
  @Matches(SAYS_SOMETHING) @MaxLength(500) reason!: string;
}

class ExcludedBody {
  readonly status!: LeadStatus;
  readonly count!: number;
}

class ExportState implements ExportView {
  readonly id!: string;
  readonly count!: number;
  readonly more!: boolean;
  readonly excluded!: ExcludedBody[];
  readonly expiresAt!: string;
}

/** Acts on many leads, and exports of them. Before `leads/:id`, which would take `bulk` for an id. */
@Controller('api/v1')
export class LeadsManyController {
  constructor(
    @Inject(Bulk) private readonly bulk: Bulk,
    @Inject(LeadExport) private readonly exporter: LeadExport,
  ) {}

  @Post('leads/bulk')
  @Allow('supervisor', 'dpo')
  async act(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: BulkBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BulkState> {
    const { dryRun, filter, ...rest } = body;
    const wish = { ...rest, ...(filter ? { filter: { ...filter } } : {}) };
    response.status(dryRun ? 200 : 202);
    return dryRun ? this.bulk.preview(caller, wish) : this.bulk.start(caller, claim, wish);
  }

  @Get('leads/bulk/:id')
  @Allow('supervisor', 'dpo')
  async progress(@Caller() caller: Principal, @Param('id', IdPipe) id: string): Promise<BulkState> {
    return this.bulk.read(caller, id);
  }

  @Post('leads/exports')
  @Allow('supervisor', 'dpo')
  @StepUp()
  @HttpCode(201)
  async ask(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: ExportBody,
  ): Promise<ExportState> {
    const { filter, ...rest } = body;
    return this.exporter.ask(caller, claim, { ...rest, filter: { ...filter } });
  }

  /** The CSV file. A connection that breaks is a file that is too short: the answer ends without its last chunk. */
  @Get('leads/exports/:id/file')
  @Allow('supervisor', 'dpo')
  @StepUp()
  @Header('cache-control', 'no-store')
  async file(@Caller() caller: Principal, @Param('id', IdPipe) id: string, @Res() response: Response): Promise<void> {
    const pieces = await this.exporter.file(caller, id);
    response.setHeader('content-type', 'text/csv; charset=utf-8');
    response.setHeader('content-disposition', `attachment; filename="leads-${id}.csv"`);
    await pipeline(Readable.from(pieces), response).catch(() => response.destroy());
  }
}
