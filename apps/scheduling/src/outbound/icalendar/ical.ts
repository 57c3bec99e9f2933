import { fixedError } from '@avtala/contracts';

/** A calendar says something of time that is not understood: it is unreadable then, and not free. */
export class EntryUnreadable extends fixedError(
  'unprocessable',
  'calendar-entry-unreadable',
  'An entry of the calendar is not understood',
) {}

/** One content line of iCalendar (RFC 5545 §3.1). Names are in upper case. */
export interface Property {
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  /** As it stands, escapes included. */
  readonly value: string;
}

export interface Component {
  readonly name: string;
  readonly properties: Property[];
  readonly components: Component[];
}

const MOST_LINES = 200_000;
const DEEPEST = 4;

/** Reads an iCalendar text into its components; only the structure is judged.
 * @throws EntryUnreadable it is none */
export function parseICal(text: string): Component {
  const lines = text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/);
  if (lines.length > MOST_LINES) throw unreadable();
  const root: Component = { name: '', properties: [], components: [] };
  const open: Component[] = [root];
  for (const line of lines) {
    if (line === '') continue;
    const property = parseLine(line);
    const inner = open.at(-1)!;
    if (property.name === 'BEGIN') {
      const component = { name: property.value.toUpperCase(), properties: [], components: [] };
      if (open.length > DEEPEST) throw unreadable();
      inner.components.push(component);
      open.push(component);
    } else if (property.name === 'END') {
      if (open.length === 1 || inner.name !== property.value.toUpperCase()) throw unreadable();
      open.pop();
    } else inner.properties.push(property);
  }
  const [calendar] = root.components;
  if (open.length !== 1 || calendar?.name !== 'VCALENDAR') throw unreadable();
  return calendar;
}

export const first = (of: Component, name: string): Property | undefined => of.properties.find((p) => p.name === name);

/** Writes components back, folded at 75 bytes. */
export function writeICal(component: Component): string {
  return linesOf(component).map(fold).join('\r\n') + '\r\n';
}

/** TEXT's escapes. */
export const escapeText = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll(';', '\\;')
    .replaceAll(',', '\\,')
    .replaceAll(/\r?\n|\r/g, '\\n');

export const unreadable = (cause?: unknown) => new EntryUnreadable(cause === undefined ? {} : { cause });

function linesOf(c: Component): string[] {
  return [
    `BEGIN:${c.name}`,
    ...c.properties.map((p) => {
      const params = Object.entries(p.params).map(
        ([name, value]) => `;${name}=${/[,;:]/.test(value) ? `"${value}"` : value}`,
      );
      return `${p.name}${params.join('')}:${p.value}`;
    }),
    ...c.components.flatMap(linesOf),
    `END:${c.name}`,
  ];
}

function fold(line: string): string {
  const parts: string[] = [];
  let part = '';
  let bytes = 0;
  for (const c of line) {
    const size = Buffer.byteLength(c);
    if (bytes + size > 74) {
      parts.push(part);
      part = '';
      bytes = 0;
    }
    part += c;
    bytes += size;
  }
  return [...parts, part].join('\r\n ');
}

function parseLine(line: string): Property {
  const head = /^[A-Za-z0-9-]+/.exec(line)?.[0];
  if (!head) throw unreadable();
  const params: Record<string, string> = {};
  let at = head.length;
  while (line[at] === ';') {
    const equals = line.indexOf('=', at);
    if (equals < 0) throw unreadable();
    const name = line.slice(at + 1, equals).toUpperCase();
    let value = '';
    at = equals + 1;
    let quoted = false;
    for (; at < line.length && (quoted || (line[at] !== ';' && line[at] !== ':')); at++) {
      if (line[at] === '"') quoted = !quoted;
      else value += line[at];
    }
    if (/^[A-Z0-9-]+$/.test(name)) params[name] = value;
  }
  if (line[at] !== ':') throw unreadable();
  return { name: head.toUpperCase(), params, value: line.slice(at + 1) };
}
