import { Allow, AllowKey, Caller, scopeOfCaller, type KeyPrincipal, type Principal } from '@avtala/access';
import { Db } from '@avtala/database';
import { IdempotentKey, IdPipe, RawBody, type IdempotencyClaim } from '@avtala/http';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import type { Request } from 'express';
import type { Mapping } from '../domain/columns.js';
import { MappingRefused, NotCsv } from '../domain/errors.js';
import { DryRuns } from '../services/dry-run.service.js';
import { ImportPause } from '../services/import-pause.service.js';
import { ImportProgress } from '../services/import-progress.service.js';
import { ImportRuns } from '../services/import-run.service.js';
import { ImportUploads } from '../services/import-upload.service.js';
import { SupplierMappings } from '../services/supplier-mappings.service.js';
import { readRejects } from '../storage/import.js';
import type { ImportView } from '../storage/import-state.js';
import { SAYS_SOMETHING, Stated, statedBy } from './stated.js';

/** What browsers and suppliers call such files (Windows calls a .csv an Excel file). Which it is, its content says. */
const FILE_TYPES =
  /^(text\/(csv|plain|tab-separated-values)|application\/(octet-stream|csv|(x-)?ndjson|jsonl|vnd\.ms-excel|vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet))\s*(;|$)/i;

class UploadQuery {
  /** By whose saved mapping the columns are guessed. A key has its own. */
  @IsOptional() @Matches(SAYS_SOMETHING) @MaxLength(100) supplier?: string;
}

class Confirmation extends Stated {
  /** Column of the file → field, or null to leave it out. Every column is decided about. Left out: as the supplier's files are read. */
  @IsOptional() @IsObject() mapping?: Record<string, string | null>;
}

class RejectsPage {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit = 100;
  /** Row after which to go on. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(2_147_483_647) after = 0;
}

class UploadView {
  readonly id!: string;
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
}

class ImportId {
  readonly id!: string;
}

export class ImportStatus {
  readonly id!: string;
  readonly engagementId!: string;
  readonly state!: string;
  /** A code, when it has failed. */
  readonly failure?: string;
  readonly offered!: number;
  readonly accepted!: number;
  readonly merged!: number;
  readonly refused!: number;
}

class RefusedRows {
  readonly reason!: string;
  readonly rows!: number;
}

class DryRunView {
  /** Rows looked at: of a large file its beginning. */
  readonly rows!: number;
  readonly complete!: boolean;
  readonly accepted!: number;
  readonly merged!: number;
  readonly refused!: RefusedRows[];
  /** Columns that are left out. */
  readonly notTakenIn!: string[];
}

class RejectView {
  /** Place in the file, the header included. */
  readonly row!: number;
  readonly column!: string | null;
  readonly reason!: string;
}

class RejectsView {
  readonly items!: RejectView[];
  readonly next!: number | null;
}

@Controller('api/v1')
@Allow('admin', 'supervisor')
export class ImportsController {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(ImportUploads) private readonly uploads: ImportUploads,
    @Inject(ImportRuns) private readonly runs: ImportRuns,
    @Inject(ImportProgress) private readonly progress: ImportProgress,
    @Inject(ImportPause) private readonly pauses: ImportPause,
    @Inject(SupplierMappings) private readonly mappings: SupplierMappings,
    @Inject(DryRuns) private readonly dryRuns: DryRuns,
  ) {}

  @Post('engagements/:id/imports')
  @AllowKey('imports:write')
  @HttpCode(202)
  @RawBody()
  async upload(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) engagementId: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Query() query: UploadQuery,
    @Req() request: Request,
  ): Promise<UploadView> {
    const { 'content-type': type = '', 'content-encoding': packed = 'identity' } = request.headers;
    if (!FILE_TYPES.test(type) || packed !== 'identity') throw new NotCsv();
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    const supplier = caller.kind === 'key' ? caller.provenance.supplier : (query.supplier?.trim() ?? null);
    return this.uploads.receive(
      caller,
      engagementId,
      claim,
      request,
      Number.isFinite(announced) ? announced : undefined,
      supplier,
    );
  }

  @Post('imports/:id/confirm')
  @AllowKey('imports:write')
  @HttpCode(202)
  async confirm(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: Confirmation,
  ): Promise<ImportId> {
    const { mapping, stated } = await this.settled(caller, id, body);
    await this.runs.confirm(caller, id, claim, mapping, stated);
    return { id };
  }

  /** What confirming it so would do. A read, though it says what in a body: nothing is stored, and it takes no Idempotency-Key. */
  @Post('imports/:id/dry-run')
  @AllowKey('imports:write')
  @HttpCode(200)
  async dryRun(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) id: string,
    @Body() body: Confirmation,
  ): Promise<DryRunView> {
    const { mapping, stated } = await this.settled(caller, id, body);
    return this.dryRuns.look(caller, id, mapping, stated);
  }

  @Post('imports/:id/pause')
  @HttpCode(200)
  async pause(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<ImportStatus> {
    await this.pauses.pause(caller, id, claim);
    return viewOf((await this.progress.read(caller, id)).view);
  }

  @Post('imports/:id/resume')
  @HttpCode(200)
  async resume(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: string,
    @IdempotentKey() claim: IdempotencyClaim,
  ): Promise<ImportStatus> {
    await this.pauses.resume(caller, id, claim);
    return viewOf((await this.progress.read(caller, id)).view);
  }

  @Get('imports/:id')
  @AllowKey('imports:write')
  async status(@Caller() caller: Principal | KeyPrincipal, @Param('id', IdPipe) id: string): Promise<ImportStatus> {
    return viewOf((await this.progress.read(caller, id)).view);
  }

  @Get('imports/:id/rejects')
  @AllowKey('imports:write')
  async rejects(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) id: string,
    @Query() page: RejectsPage,
  ): Promise<RejectsView> {
    await this.progress.read(caller, id);
    const items = await this.db.withScope(scopeOfCaller(caller), (tx) => readRejects(tx, id, page.after, page.limit));
    return { items, next: items.length === page.limit ? items.at(-1)!.row : null };
  }

  /** What is said, and what is known of the supplier where nothing is. */
  private async settled(caller: Principal | KeyPrincipal, id: string, body: Confirmation) {
    const { view } = await this.progress.read(caller, id);
    const stated = statedBy(caller, body);
    const supplier = stated.supplier ?? view.supplier;
    const mapping = body.mapping ?? (await this.mappings.known(view.engagement_id, supplier));
    if (!mapping) throw new MappingRefused({ code: 'mapping-missing' });
    return { mapping, stated: { ...stated, ...(supplier ? { supplier } : {}) } };
  }
}

export function viewOf(i: ImportView): ImportStatus {
  const { id, engagement_id: engagementId, state, failure, offered, accepted, merged, refused } = i;
  return { id, engagementId, state, ...(failure ? { failure } : {}), offered, accepted, merged, refused };
}
