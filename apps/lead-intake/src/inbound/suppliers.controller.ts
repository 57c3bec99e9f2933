import { Allow, AllowKey, Caller, type KeyPrincipal, type Principal } from '@avtala/access';
import { RequestInvalid, IdPipe } from '@avtala/http';
import { Body, Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { Mapping } from '../domain/columns.js';
import { holdsIdentityNumber } from '@avtala/screening';
import { SupplierMappings, type SavedMapping } from '../services/supplier-mappings.service.js';
import { SAYS_SOMETHING } from './stated.js';

class MappingBody {
  /** Column of the supplier's files → field, or null to leave it out. */
  @IsObject() mapping!: Record<string, string | null>;
}

class SuppliersPage {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit = 50;
  @IsOptional() @IsString() @MaxLength(200) after = '';
}

class MappingView {
  readonly supplier!: string;
  readonly mapping!: Mapping;
  readonly updatedAt!: string;
}

class SupplierView {
  readonly supplier!: string;
  readonly updatedAt!: string;
}

class SuppliersView {
  readonly items!: SupplierView[];
  readonly next!: string | null;
}

/** Who hands over leads of an engagement, and how their files are read. */
@Controller('api/v1/engagements/:id/suppliers')
@Allow('admin', 'supervisor')
export class SuppliersController {
  constructor(@Inject(SupplierMappings) private readonly mappings: SupplierMappings) {}

  @Get()
  async list(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @Query() page: SuppliersPage,
  ): Promise<SuppliersView> {
    const found = await this.mappings.list(caller, engagementId, page);
    const items = found.map((m) => ({ supplier: m.supplier, updatedAt: m.updated_at.toISOString() }));
    return { items, next: found.length === page.limit ? found.at(-1)!.supplier_key : null };
  }

  @Get(':supplier/mapping')
  @AllowKey('imports:write')
  async read(
    @Caller() caller: Principal | KeyPrincipal,
    @Param('id', IdPipe) engagementId: string,
    @Param('supplier') supplier: string,
  ): Promise<MappingView> {
    const own = caller.kind === 'key' ? caller.provenance.supplier : supplier;
    return viewOf(await this.mappings.read(caller, engagementId, own));
  }

  @Put(':supplier/mapping')
  async save(
    @Caller() caller: Principal,
    @Param('id', IdPipe) engagementId: string,
    @Param('supplier') supplier: string,
    @Body() { mapping }: MappingBody,
  ): Promise<MappingView> {
    requireName(supplier);
    return viewOf(await this.mappings.save(caller, engagementId, supplier, mapping));
  }
}

/** A company's name: kept in the clear, so it may not name a person by number or address. */
function requireName(supplier: string): void {
  const says = SAYS_SOMETHING.test(supplier) && supplier.length <= 100 && !/\p{Cc}/u.test(supplier);
  if (says && !/\S@\S/.test(supplier) && !holdsIdentityNumber(supplier)) return;
  throw new RequestInvalid([{ field: 'supplier', rule: 'name', message: 'supplier must be the name of a company' }]);
}

const viewOf = (m: SavedMapping): MappingView => ({
  supplier: m.supplier,
  mapping: m.mapping,
  updatedAt: m.updatedAt.toISOString(),
});
