import { parseConfig } from '@avtala/runtime';
import { Module } from '@nestjs/common';
import { LeadIntakeConfig } from './config.js';
import { CallingDeskController } from './inbound/calling-desk.controller.js';
import { FloorController } from './inbound/floor.controller.js';
import { CallScriptsController } from './inbound/call-scripts.controller.js';
import { CallingController } from './inbound/calling.controller.js';
import { ContactsController } from './inbound/contacts.controller.js';
import { FormConfirmController } from './inbound/form-confirm.controller.js';
import { FormSweep } from './inbound/form-sweep.js';
import { FormsController } from './inbound/forms.controller.js';
import { ImportDraftsController } from './inbound/import-drafts.controller.js';
import { ImportEventsController } from './inbound/import-events.controller.js';
import { ImportsController } from './inbound/imports.controller.js';
import { KeySweep } from './inbound/key-sweep.js';
import { LeadsManyController } from './inbound/leads-many.controller.js';
import { LeadsListController } from './inbound/leads-list.controller.js';
import { LeadsController } from './inbound/leads.controller.js';
import { OnCrm } from './inbound/on-crm.js';
import { OnEngagement } from './inbound/on-engagement.js';
import { OnErasure } from './inbound/on-erasure.js';
import { OnMeeting } from './inbound/on-meeting.js';
import { SaidController } from './inbound/said.controller.js';
import { PublicFormsController } from './inbound/public-forms.controller.js';
import { SuppliersController } from './inbound/suppliers.controller.js';
import { Timers } from './inbound/timers.js';
import { Activities } from './services/activities.service.js';
import { CallScripts } from './services/call-scripts.service.js';
import { CallingRulesOf } from './services/calling-rules.service.js';
import { Calling } from './services/calling.service.js';
import { ChunkIntake } from './services/chunk-intake.js';
import { Contacts } from './services/contacts.service.js';
import { CallingDesk } from './services/desk.service.js';
import { Erasure } from './services/erasure.service.js';
import { DryRuns } from './services/dry-run.service.js';
import { FormConfirmation } from './services/form-confirmation.service.js';
import { FormDoor } from './services/form-door.service.js';
import { FormMail } from './services/form-mail.js';
import { FormTokens } from './services/form-tokens.js';
import { ImportDrafts } from './services/import-draft.service.js';
import { ImportPause } from './services/import-pause.service.js';
import { ImportProgress } from './services/import-progress.service.js';
import { ImportRuns } from './services/import-run.service.js';
import { ImportUploads } from './services/import-upload.service.js';
import { Intake } from './services/intake.service.js';
import { Bulk } from './services/bulk.service.js';
import { LeadExport } from './services/lead-export.service.js';
import { LeadFacets } from './services/lead-facets.service.js';
import { LeadList } from './services/lead-list.service.js';
import { LeadSearch } from './services/lead-search.service.js';
import { Leads } from './services/leads.service.js';
import { DeskStates } from './services/desk-states.service.js';
import { Floor } from './services/floor.service.js';
import { MyDay } from './services/my-day.service.js';
import { NameIndex } from './services/name-index.service.js';
import { Noes } from './services/no.service.js';
import { Outcomes } from './services/outcomes.service.js';
import { People } from './services/people.js';
import { Peppers } from './services/pepper.service.js';
import { Said } from './services/said.service.js';
import { SupplierMappings } from './services/supplier-mappings.service.js';
import { WebForms } from './services/web-forms.service.js';
import { TakeIn } from './services/take-in.js';

@Module({
  controllers: [
    LeadsListController,
    LeadsManyController,
    LeadsController,
    ImportsController,
    ImportEventsController,
    ImportDraftsController,
    SuppliersController,
    FormsController,
    PublicFormsController,
    FormConfirmController,
    CallingController,
    CallingDeskController,
    FloorController,
    CallScriptsController,
    ContactsController,
    OnEngagement,
    OnMeeting,
    SaidController,
    OnErasure,
    OnCrm,
  ],
  providers: [
    { provide: LeadIntakeConfig, useFactory: () => parseConfig(LeadIntakeConfig, process.env) },
    People,
    TakeIn,
    ChunkIntake,
    Intake,
    ImportUploads,
    ImportPause,
    ImportDrafts,
    ImportProgress,
    SupplierMappings,
    DryRuns,
    WebForms,
    FormDoor,
    FormConfirmation,
    FormMail,
    FormTokens,
    FormSweep,
    ImportRuns,
    Calling,
    CallingDesk,
    CallingRulesOf,
    CallScripts,
    Floor,
    DeskStates,
    MyDay,
    Outcomes,
    Activities,
    Leads,
    LeadList,
    LeadFacets,
    LeadExport,
    Bulk,
    LeadSearch,
    NameIndex,
    Noes,
    Contacts,
    Erasure,
    Peppers,
    Said,
    Timers,
    KeySweep,
  ],
})
export class LeadIntakeModule {}
