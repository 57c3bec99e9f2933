import { parseConfig } from '@avtala/runtime';
import { Module } from '@nestjs/common';
import { CrmSyncConfig } from './config.js';
import { CrmConnectionsController } from './inbound/crm-connections.controller.js';
import { OnEngagement } from './inbound/on-engagement.js';
import { OnErasure } from './inbound/on-erasure.js';
import { OnLeadNo } from './inbound/on-lead-no.js';
import { OnLeadTold } from './inbound/on-lead-told.js';
import { OnMeeting } from './inbound/on-meeting.js';
import { PushesController } from './inbound/pushes.controller.js';
import { Timers } from './inbound/timers.js';
import { WebhooksController } from './inbound/webhooks.controller.js';
import { ClientChanges } from './services/client-changes.service.js';
import { ConnectionHealth } from './services/connection-health.service.js';
import { ConnectionTokens } from './services/connection-tokens.service.js';
import { Connections, Vendors } from './services/connections.service.js';
import { Crms } from './services/crms.service.js';
import { DayBudgets } from './services/day-budget.service.js';
import { Erasure, ErasureParts } from './services/erasure.service.js';
import { LeadNews } from './services/lead-news.service.js';
import { OptOuts } from './services/opt-outs.service.js';
import { PushActs } from './services/push-acts.service.js';
import { PushDelays } from './services/push-delays.service.js';
import { ContactPushes } from './services/push-contacts.service.js';
import { MeetingPushes } from './services/push-meetings.service.js';
import { PushRecords } from './services/push-records.service.js';
import { Push, PushParts } from './services/push.service.js';
import { ContactSettling } from './services/settle-contacts.service.js';
import { MeetingSettling } from './services/settle-meetings.service.js';
import { ClientSide, Watch } from './services/watch.service.js';
import { Webhooks } from './services/webhooks.service.js';
import { Settling } from './services/settling.service.js';

@Module({
  controllers: [
    CrmConnectionsController,
    OnEngagement,
    OnErasure,
    OnLeadNo,
    OnLeadTold,
    OnMeeting,
    PushesController,
    WebhooksController,
  ],
  providers: [
    { provide: CrmSyncConfig, useFactory: () => parseConfig(CrmSyncConfig, process.env) },
    ClientChanges,
    ClientSide,
    ConnectionHealth,
    ConnectionTokens,
    Connections,
    ContactPushes,
    DayBudgets,
    ContactSettling,
    Crms,
    Erasure,
    ErasureParts,
    LeadNews,
    MeetingPushes,
    MeetingSettling,
    OptOuts,
    Push,
    PushActs,
    PushDelays,
    PushParts,
    PushRecords,
    Settling,
    Timers,
    Vendors,
    Watch,
    Webhooks,
  ],
})
export class CrmSyncModule {}
