import { MailSender } from '@avtala/mail';
import { parseConfig } from '@avtala/runtime';
import { Module } from '@nestjs/common';
import { SchedulingConfig } from './config.js';
import { BookingLinksController } from './inbound/booking-links.controller.js';
import { BookingsController } from './inbound/bookings.controller.js';
import { CalendarConnectionsController } from './inbound/calendar-connections.controller.js';
import { HostsController } from './inbound/hosts.controller.js';
import { LinkSweep } from './inbound/link-sweep.js';
import { MeetingTypesController } from './inbound/meeting-types.controller.js';
import { OnEngagement } from './inbound/on-engagement.js';
import { OnErasure } from './inbound/on-erasure.js';
import { OnLeadNo } from './inbound/on-lead-no.js';
import { OnLead } from './inbound/on-lead.js';
import { PublicMeetingsController } from './inbound/public-meetings.controller.js';
import { SlotsController } from './inbound/slots.controller.js';
import { Timers } from './inbound/timers.js';
import { CaldavCalendar } from './outbound/caldav/caldav-calendar.js';
import { GoogleCalendar } from './outbound/google/google-calendar.js';
import { HOST_CALENDAR } from './outbound/host-calendar.js';
import { VendorCalendars } from './outbound/vendor-calendars.js';
import { Availability } from './services/availability.js';
import { BookingGate } from './services/booking-gate.js';
import { BookingLinksService } from './services/booking-links.service.js';
import { BookingService } from './services/booking.service.js';
import { CalendarCache } from './services/calendar-cache.js';
import { CalendarErasure } from './services/calendar-erasure.js';
import { CalendarHealth } from './services/calendar-health.js';
import { CalendarReader } from './services/calendar-reader.js';
import { CalendarSchedule } from './services/calendar-schedule.js';
import { CalendarSyncService } from './services/calendar-sync.service.js';
import { CalendarWriteService } from './services/calendar-write.service.js';
import { CalendarWriter } from './services/calendar-writer.js';
import { Calendars } from './services/calendars.js';
import { Candidates } from './services/candidates.js';
import { ChangeBookingService } from './services/change-booking.service.js';
import { ConnectCalendarService } from './services/connect-calendar.service.js';
import { ErasureEnd } from './services/erasure-end.js';
import { ErasureWorkService } from './services/erasure-work.service.js';
import { ForgetService } from './services/forget.service.js';
import { HostChanges } from './services/host-changes.js';
import { InviteComposer } from './services/invite-composer.js';
import { InviteService } from './services/invite.service.js';
import { KeepSlotService } from './services/keep-slot.service.js';
import { LinkDoor } from './services/link-door.service.js';
import { LinkMailService } from './services/link-mail.service.js';
import { LinkTokens } from './services/link-tokens.js';
import { LinkAnswers } from './services/link-answers.service.js';
import { PublicChangeService } from './services/public-change.service.js';
import { PublicViewService } from './services/public-view.service.js';
import { Sending } from './services/sending.js';
import { SetupList } from './services/setup-list.service.js';
import { SetupService } from './services/setup.service.js';
import { SlotsService } from './services/slots.service.js';
import { Telling } from './services/telling.js';

@Module({
  controllers: [
    BookingLinksController,
    BookingsController,
    CalendarConnectionsController,
    HostsController,
    MeetingTypesController,
    OnEngagement,
    OnErasure,
    OnLead,
    OnLeadNo,
    PublicMeetingsController,
    SlotsController,
  ],
  providers: [
    { provide: SchedulingConfig, useFactory: () => parseConfig(SchedulingConfig, process.env) },
    {
      provide: HOST_CALENDAR,
      inject: [SchedulingConfig],
      useFactory: (c: SchedulingConfig) =>
        new VendorCalendars({
          google: new GoogleCalendar({
            baseUrl: c.GOOGLE_BASE_URL,
            tokenUrl: c.GOOGLE_TOKEN_URL,
            clientId: c.GOOGLE_CLIENT_ID,
            clientSecret: c.GOOGLE_CLIENT_SECRET,
          }),
          caldav: new CaldavCalendar({ allowedHosts: c.caldavAllowedHosts, organizer: c.MAIL_FROM }),
        }),
    },
    {
      provide: MailSender,
      inject: [SchedulingConfig],
      useFactory: (c: SchedulingConfig) => new MailSender({ url: c.SMTP_URL }),
    },
    Availability,
    BookingGate,
    BookingLinksService,
    BookingService,
    CalendarCache,
    CalendarErasure,
    CalendarHealth,
    CalendarReader,
    Calendars,
    CalendarSchedule,
    CalendarSyncService,
    CalendarWriter,
    CalendarWriteService,
    Candidates,
    ChangeBookingService,
    ConnectCalendarService,
    ErasureEnd,
    ErasureWorkService,
    ForgetService,
    HostChanges,
    InviteComposer,
    InviteService,
    KeepSlotService,
    LinkAnswers,
    LinkDoor,
    LinkMailService,
    LinkSweep,
    LinkTokens,
    PublicChangeService,
    PublicViewService,
    Sending,
    SetupList,
    SetupService,
    SlotsService,
    Telling,
    Timers,
  ],
})
export class SchedulingModule {}
