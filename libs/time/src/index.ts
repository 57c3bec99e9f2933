export { isTimeZone } from '@avtala/contracts';
export { Clock, FixedClock, OffsetClock, SystemClock } from './clock.js';
export { LocalTimeInvalid, parseLocal, type LocalTimeProblem } from './local-time.js';
export { swedishDayOff } from './swedish-holidays.js';
export { endOfSwedishDay, eraseBy, startOfSwedishDay, swedishDay } from './swedish-days.js';
