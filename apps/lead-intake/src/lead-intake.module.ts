import { parseConfig } from '@avtala/runtime';
import { Module } from '@nestjs/common';
import { LeadIntakeConfig } from './config.js';
import { CallingController } from './inbound/calling.controller.js';
import { ContactsController } from './inbound/contacts.controller.js';
import { ImportsController } from './inbound/imports.controller.js';
import { KeySweep } from './inbound/key-sweep.js';
import { LeadsController } from './inbound/leads.controller.js';
import { OnEngagement } from './inbound/on-engagement.js';
import { OnErasure } from './inbound/on-erasure.js';
import { OnMeeting } from './inbound/on-meeting.js';
import { Timers } from './inbound/timers.js';
import { Calling } from './services/calling.service.js';
import { Contacts } from './services/contacts.service.js';
import { Erasure } from './services/erasure.service.js';
import { ImportRuns } from './services/import-run.service.js';
import { ImportUploads } from './services/import-upload.service.js';
import { Intake } from './services/intake.service.js';
import { Leads } from './services/leads.service.js';
import { Noes } from './services/no.service.js';
import { People } from './services/people.js';
import { Peppers } from './services/pepper.service.js';
import { TakeIn } from './services/take-in.js';

@Module({
  controllers: [
    LeadsController,
    ImportsController,
    CallingController,
    ContactsController,
    OnEngagement,
    OnMeeting,
    OnErasure,
  ],
  providers: [
    { provide: LeadIntakeConfig, useFactory: () => parseConfig(LeadIntakeConfig, process.env) },
    People,
    TakeIn,
    Intake,
    ImportUploads,
    ImportRuns,
    Calling,
    Leads,
    Noes,
    Contacts,
    Erasure,
    Peppers,
    Timers,
    KeySweep,
  ],
})
export class LeadIntakeModule {}
