export { calendarFile, type CalendarFacts } from './calendar-file.js';
export { buildInvite, languageOf, type BuiltMessage, type InviteFacts } from './invite.js';
export { buildLetter, type Letter } from './letter.js';
export { MailRefused, MailSender, type MailSenderOptions } from './mail-sender.js';
export { checkedMailbox, headerSafe, MailFieldInvalid, type Mailbox } from './mailbox.js';
export { noticeText, readableTime, type Language } from './wording.js';
