import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser, type ParsedMail } from 'mailparser';
import { openDirectory, writeWhole } from '../files.js';

/** What a calendar part says of itself; enough to tell a repeat from a twin. */
export interface CalendarPart {
  method: string;
  uid: string;
  sequence: number;
}

interface Message {
  number: number;
  /** Names the message where its mailbox may not be named: in a URL. */
  id: string;
  /** Real time, milliseconds. */
  arrivedAt: number;
  sha256: string;
  bytes: number;
  calendar: CalendarPart | undefined;
}

/** A message and whose mailbox it lies in. */
export interface Located extends Message {
  readonly address: string;
}

/** Every accepted message, byte for byte, in `mailbox/<address>/NNN.eml`: readable with any mail program, and set apart by mailbox. */
export class Mailboxes {
  private readonly boxes = new Map<string, Message[]>();

  private constructor(private readonly dir: string) {}

  static async open(dir: string): Promise<Mailboxes> {
    const boxes = new Mailboxes(join(dir, 'mailbox'));
    for (const folder of await openDirectory(boxes.dir)) {
      const messages: Message[] = [];
      for (const name of (await openDirectory(join(boxes.dir, folder))).sort()) {
        const number = Number(/^(\d+)\.eml$/.exec(name)?.[1] ?? Number.NaN);
        if (Number.isNaN(number)) continue;
        const file = join(boxes.dir, folder, name);
        const described = await describe(number, await readFile(file));
        messages.push({ ...described, id: idOf(addressOf(folder), number), arrivedAt: (await stat(file)).mtimeMs });
      }
      boxes.boxes.set(addressOf(folder), messages);
    }
    return boxes;
  }

  /** Resolves when the message lies on disk in each recipient's mailbox; only then may it be accepted. */
  async deliver(recipients: readonly string[], raw: Buffer): Promise<void> {
    await Promise.all(
      [...new Set(recipients.map((r) => r.trim().toLowerCase()))].map(async (address) => {
        const folder = join(this.dir, folderOf(address));
        const box = this.boxes.get(address) ?? [];
        this.boxes.set(address, box);
        const number = (box.at(-1)?.number ?? 0) + 1;
        const message = {
          number,
          id: idOf(address, number),
          arrivedAt: Date.now(),
          sha256: sha256(raw),
          bytes: raw.length,
          calendar: undefined,
        };
        box.push(message); // the number is taken before anything is awaited
        const described = describe(message.number, raw);
        await openOnce(folder);
        await writeWhole(join(folder, fileName(message.number)), raw);
        Object.assign(message, await described);
      }),
    );
  }

  list(): { address: string; messages: number }[] {
    return [...this.boxes].map(([address, box]) => ({ address, messages: box.length }));
  }

  /** Every message of every mailbox, the newest first. */
  all(): Located[] {
    const found = [...this.boxes].flatMap(([address, box]) => box.map((message) => ({ ...message, address })));
    return found.sort((a, b) => b.arrivedAt - a.arrivedAt || b.number - a.number);
  }

  messages(address: string): readonly Message[] {
    return this.boxes.get(address.trim().toLowerCase()) ?? [];
  }

  /** @returns the bytes as they came, or undefined */
  async raw(address: string, number: number): Promise<Buffer | undefined> {
    if (!this.messages(address).some((m) => m.number === number)) return undefined;
    return readFile(join(this.dir, folderOf(address.trim().toLowerCase()), fileName(number)));
  }

  /** One entry for each recipient, UID and SEQUENCE. `duplicates`: same UID and SEQUENCE in different bytes; `resent`: byte for byte the same. */
  invites() {
    const groups = new Map<string, { address: string; calendar: CalendarPart; hashes: string[] }>();
    for (const [address, box] of this.boxes) {
      for (const { calendar, sha256 } of box) {
        if (!calendar) continue;
        const key = `${address} ${calendar.uid} ${calendar.sequence}`;
        const group = groups.get(key) ?? { address, calendar, hashes: [] };
        group.hashes.push(sha256);
        groups.set(key, group);
      }
    }
    const items = [...groups.values()].map(({ address, calendar, hashes }) => ({
      ...{ address, ...calendar, copies: hashes.length, distinct: new Set(hashes).size },
    }));
    return {
      received: items.length,
      duplicates: items.reduce((n, i) => n + i.distinct - 1, 0),
      resent: items.reduce((n, i) => n + i.copies - i.distinct, 0),
      items,
    };
  }
}

/** A message taken apart, for reading. */
export async function parsed(raw: Buffer) {
  const mail = await simpleParser(raw);
  const addresses = (a: ParsedMail['to']) => [a ?? []].flat().flatMap((x) => x.value.map((v) => v.address ?? ''));
  return {
    messageId: mail.messageId,
    date: mail.date,
    subject: mail.subject,
    from: addresses(mail.from),
    to: addresses(mail.to),
    text: mail.text,
    html: mail.html || undefined,
    headers: Object.fromEntries(mail.headerLines.map((h) => [h.key, h.line.slice(h.key.length + 1).trim()])),
    parts: mail.attachments.map((a) => ({
      contentType: a.contentType,
      filename: a.filename,
      content: a.content.toString('utf8'),
    })),
    calendar: calendarOf(mail),
  };
}

async function describe(number: number, raw: Buffer): Promise<Omit<Message, 'id' | 'arrivedAt'>> {
  const calendar =
    raw.includes('BEGIN:VCALENDAR') || raw.includes('text/calendar') ? calendarOf(await simpleParser(raw)) : undefined;
  return { number, sha256: sha256(raw), bytes: raw.length, calendar };
}

function calendarOf(mail: ParsedMail): CalendarPart | undefined {
  const part = mail.attachments.find((a) => /^(text\/calendar|application\/ics)/.test(a.contentType));
  const source = part?.content.toString('utf8') ?? mail.text ?? '';
  const unfolded = source.replace(/\r?\n[ \t]/g, '');
  const field = (name: string) => new RegExp(`^${name}(?:;[^:]*)?:(.*)$`, 'm').exec(unfolded)?.[1]?.trim();
  const uid = field('UID');
  if (!uid) return undefined;
  return { method: field('METHOD') ?? '', uid, sequence: Number(field('SEQUENCE') ?? 0) };
}

const opened = new Map<string, Promise<unknown>>();
function openOnce(folder: string): Promise<unknown> {
  const opening = opened.get(folder) ?? openDirectory(folder);
  opened.set(folder, opening);
  return opening;
}

/** Of a mailbox, where it may not be named. */
export const mailboxId = (address: string) => sha256(Buffer.from(address)).slice(0, 20);
const idOf = (address: string, number: number) => sha256(Buffer.from(`${address} ${number}`)).slice(0, 20);
const fileName = (number: number) => `${String(number).padStart(3, '0')}.eml`;
const sha256 = (raw: Buffer) => createHash('sha256').update(raw).digest('hex');
/** Readable, and no address can climb out of the folder. */
const folderOf = (address: string) => encodeURIComponent(address).replaceAll('%40', '@').replace(/^\./, '%2E');
const addressOf = (folder: string) => decodeURIComponent(folder);
