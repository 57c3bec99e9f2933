import { join } from 'node:path';
import { Advance } from './clock/advance.js';
import { Participants } from './clock/participants.js';
import { TestClock } from './clock/test-clock.js';
import { controlHandler } from './control.js';
import { JsonFile } from './files.js';
import { Calendars } from './google/calendars.js';
import { GOOGLE_MISBEHAVIOURS, GoogleServer } from './google/server.js';
import { Accounts } from './hubspot/accounts.js';
import { HubSpotControl } from './hubspot/control.js';
import { FrontDoor } from './hubspot/front-door.js';
import type { HubSpotSettings } from './hubspot/portal.js';
import { HUBSPOT_MISBEHAVIOURS, HubSpotServer } from './hubspot/server.js';
import { Journal } from './journal.js';
import { Mailboxes } from './mail/mailboxes.js';
import { MAIL_MISBEHAVIOURS, openSink } from './mail/sink.js';
import { Misbehaviours } from './misbehave.js';
import { SalesforceControl } from './salesforce/control.js';
import { Orgs } from './salesforce/orgs.js';
import { SALESFORCE_MISBEHAVIOURS, SalesforceServer } from './salesforce/server.js';
import { Tokens } from './tokens.js';
import { listen } from './web.js';

export type SandboxPorts = Partial<Record<'hubspot' | 'salesforce' | 'google' | 'smtp' | 'control', number>>;

/** How to start the stand-ins. */
export interface SandboxOptions {
  /** Folder of all state; the same folder again goes on where it was left. */
  dir: string;
  /** Fixed ports. Without: those of the last run in this folder if they are free, else any. */
  ports?: SandboxPorts;
  /** Folder of the vendor's specifications; default HUBSPOT_SPEC_DIR, else our own words only. */
  specDir?: string;
  hubspot?: Partial<HubSpotSettings>;
  /** Google requests a minute and account, on real time; the vendor's 600 unless told. */
  googlePerMinute?: number;
  /** Real time without progress after which PUT /clock names who it waits for; 60,000 unless told. */
  stallMs?: number;
}

/** A running sandbox. `google` is the root that /calendar/v3/… follows. */
export interface Sandbox {
  urls: Readonly<Record<'hubspot' | 'salesforce' | 'google' | 'googleToken' | 'smtp' | 'control', string>>;
  stop(): Promise<void>;
}

/** Starts the stand-ins for HubSpot, Salesforce and Google Calendar, the mail sink, the test clock and the control API, all on loopback. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dir, specDir = process.env['HUBSPOT_SPEC_DIR'] } = options;
  const ports = await JsonFile.open<SandboxPorts>(join(dir, 'ports.json'), {});
  const port = (name: keyof SandboxPorts) =>
    [options.ports?.[name] ?? ports.value[name] ?? 0, !options.ports?.[name]] as const;

  const journal = new Journal();
  const clock = await TestClock.open(dir);
  const tokens = await Tokens.open(dir);
  const accounts = await Accounts.open(dir, clock, options.hubspot ?? {});
  const orgs = await Orgs.open(dir, clock);
  const calendars = await Calendars.open(dir);
  const mailboxes = await Mailboxes.open(dir);
  const participants = await Participants.open(dir, [accounts, orgs]);
  const advance = new Advance(clock, participants, options.stallMs);
  const misbehaviours = {
    hubspot: new Misbehaviours(HUBSPOT_MISBEHAVIOURS),
    salesforce: new Misbehaviours(SALESFORCE_MISBEHAVIOURS),
    google: new Misbehaviours(GOOGLE_MISBEHAVIOURS),
    mail: new Misbehaviours(MAIL_MISBEHAVIOURS),
  };
  const door = await FrontDoor.open(specDir || undefined);
  const hubspotServer = new HubSpotServer(accounts, door, tokens, misbehaviours.hubspot, journal);
  const googleServer = new GoogleServer(
    calendars,
    clock,
    tokens,
    misbehaviours.google,
    journal,
    options.googlePerMinute ?? 600,
  );
  const salesforceServer = new SalesforceServer(orgs, tokens, misbehaviours.salesforce, journal);
  const hubspotControl = new HubSpotControl(accounts, tokens, journal);

  const hubspot = await listen(...port('hubspot'), (asked) => hubspotServer.handle(asked));
  const salesforce = await listen(...port('salesforce'), (asked) => salesforceServer.handle(asked));
  salesforceServer.instanceUrl = salesforce.url;
  const google = await listen(...port('google'), (asked) => googleServer.handle(asked));
  const smtp = await openSink(...port('smtp'), mailboxes, misbehaviours.mail, journal);
  const control = await listen(
    ...port('control'),
    controlHandler({
      clock,
      advance,
      participants,
      journal,
      hubspot: hubspotControl,
      salesforce: new SalesforceControl(orgs, journal),
      calendars,
      mailboxes,
      misbehaviours,
    }),
  );
  ports.value = {
    ...{ hubspot: hubspot.port, salesforce: salesforce.port, google: google.port },
    ...{ smtp: smtp.port, control: control.port },
  };
  await ports.save();

  return {
    urls: {
      ...{ hubspot: hubspot.url, salesforce: salesforce.url, google: google.url, googleToken: `${google.url}/token` },
      ...{ smtp: smtp.url, control: control.url },
    },
    stop: async () => {
      await advance.stop();
      accounts.webhooks.stop();
      await Promise.all([hubspot.stop(), salesforce.stop(), google.stop(), smtp.stop(), control.stop()]);
    },
  };
}
