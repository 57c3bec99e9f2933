import { Body, Controller, Get, Post } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';
import { Allow, Caller, type Principal } from '@avtala/access';
import { IdempotentKey, type IdempotencyClaim } from '@avtala/http';
import { ClientsService } from '../services/clients.service.js';
import { IsOrganisationNumber, NO_CONTROLS, normalNumber, Trimmed } from './fields.js';

class NewClientBody {
  @Trimmed() @IsString() @Length(1, 200) @Matches(NO_CONTROLS) name!: string;
  @IsString() @IsOrganisationNumber() organisationNumber!: string;
}

class ClientView {
  readonly id!: string;
  readonly name!: string;
  readonly organisationNumber!: string;
}

class ClientsView {
  readonly items!: ClientView[];
}

@Controller('api/v1/clients')
export class ClientsController {
  constructor(private readonly clients: ClientsService) {}

  @Post()
  @Allow('admin')
  async add(
    @Caller() caller: Principal,
    @IdempotentKey() claim: IdempotencyClaim,
    @Body() body: NewClientBody,
  ): Promise<{ id: string }> {
    const organisationNumber = normalNumber(body.organisationNumber);
    return { id: await this.clients.add(caller, claim, { name: body.name, organisationNumber }) };
  }

  @Get()
  @Allow('admin', 'supervisor', 'dpo')
  async list(@Caller() caller: Principal): Promise<ClientsView> {
    return { items: await this.clients.list(caller) };
  }
}
