import { AllowService, Caller, NotAllowed, type ServicePrincipal } from '@avtala/access';
import { CONTACT_PURPOSES, type ContactAnswer, type ContactPurpose } from '@avtala/contracts';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsUUID } from 'class-validator';
import { Contacts } from '../services/contacts.service.js';

class ContactsRead {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(1000) @IsUUID('all', { each: true }) ids!: string[];
  @IsIn(CONTACT_PURPOSES) purpose!: ContactPurpose;
}

/** The door (architecture.md §2): services only, by a token of 60 seconds that names the purpose. */
@Controller('internal')
export class ContactsController {
  constructor(@Inject(Contacts) private readonly contacts: Contacts) {}

  @Post('contacts\\:read')
  @AllowService('scheduling', 'crm-sync', 'retention')
  @HttpCode(200)
  async read(@Caller() caller: ServicePrincipal, @Body() body: ContactsRead): Promise<{ answers: ContactAnswer[] }> {
    if (caller.purpose !== body.purpose) throw new NotAllowed(); // the audit names the token's purpose
    return {
      answers: await this.contacts.read(
        caller,
        body.ids.map((id) => id.toLowerCase()),
        body.purpose,
      ),
    };
  }
}
