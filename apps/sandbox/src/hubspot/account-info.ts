import type { Reply } from '../web.js';
import type { Call } from './call.js';

/** What an app may know of the account itself. */
export async function accountDetails(call: Call): Promise<Reply> {
  const { timeZone } = call.settings;
  const offset = Temporal.Instant.from(call.at).toZonedDateTimeISO(timeZone);
  return {
    status: 200,
    body: {
      ...{ portalId: Number(call.portal.id), accountType: 'STANDARD', timeZone, dataHostingLocation: 'eu1' },
      ...{ companyCurrency: 'SEK', additionalCurrencies: [], uiDomain: 'app.hubspot.example' },
      ...{ utcOffset: offset.offset, utcOffsetMilliseconds: offset.offsetNanoseconds / 1_000_000 },
    },
  };
}
