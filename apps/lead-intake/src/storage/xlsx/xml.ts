import { SaxesParser } from 'saxes';
import { FileRefused } from '../../domain/errors.js';
import { utf8Of } from '../encodings.js';

/** A workbook nests about ten deep; an attacker's as deep as memory goes. */
const DEEPEST = 64;
/** What the reader may gather before it comes to the end of a text, a tag or a comment: a cell holds 32,767 characters. */
const LONGEST_PIECE = 1_000_000;

export interface XmlEvents {
  /** @param attributes by local name */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
  /** Asked after each piece of input: what has been read is taken away here. */
  taken?(): Buffer | null;
}

/**
 * Reads XML piece by piece in bounded memory. No document type and so no entities but XML's own five, none outside the file, nothing to expand.
 * @throws FileRefused xlsx-unreadable
 */
export async function* readXml(bytes: AsyncIterable<Buffer>, events: XmlEvents): AsyncGenerator<Buffer> {
  const parser = new SaxesParser({ position: false });
  let depth = 0;
  let gathered = 0;
  const refuse = (problem: string): never => {
    throw new FileRefused('xlsx-unreadable', { problem });
  };
  const local = (name: string): string => name.slice(name.indexOf(':') + 1);
  parser.on('error', () => refuse('xml'));
  parser.on('doctype', () => refuse('doctype'));
  parser.on('opentag', (tag) => {
    gathered = 0;
    if (++depth > DEEPEST) refuse('depth');
    const attributes: Record<string, string> = {};
    for (const name in tag.attributes) attributes[local(name)] = String(tag.attributes[name]);
    events.open(local(tag.name), attributes);
  });
  parser.on('closetag', (tag) => {
    gathered = 0;
    depth--;
    events.close(local(tag.name));
  });
  parser.on('text', (text) => {
    gathered = 0;
    events.text(text);
  });
  parser.on('cdata', (text) => events.text(text));
  const decoder = new TextDecoder();
  for await (const chunk of utf8Of(bytes)) {
    gathered += chunk.length;
    parser.write(decoder.decode(chunk, { stream: true }));
    if (gathered > LONGEST_PIECE) refuse('piece-too-long');
    const taken = events.taken?.();
    if (taken) yield taken;
  }
  parser.write(decoder.decode()).close();
  const taken = events.taken?.();
  if (taken) yield taken;
}

/** For a part that is only looked at. */
export async function lookAt(bytes: AsyncIterable<Buffer>, events: Partial<XmlEvents>): Promise<void> {
  const all = { open: () => undefined, text: () => undefined, close: () => undefined, ...events };
  for await (const _ of readXml(bytes, all)) void _;
}
