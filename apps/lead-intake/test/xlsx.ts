import { crc32, deflateRawSync } from 'node:zlib';

export interface Part {
  name: string;
  content: string | Buffer;
  /** Says it is encrypted. */
  encrypted?: boolean;
  /** What it says to hold unpacked, when that is a lie. */
  announced?: number;
}

/** A ZIP as its format says, so that a test can also write one that lies. */
export function zip(parts: readonly Part[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, encrypted = false, announced } of parts) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(encrypted ? 1 : 0, 2);
    fixed.writeUInt16LE(8, 4);
    fixed.writeUInt32LE(crc32(plain), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(announced ?? plain.length, 18);
    fixed.writeUInt16LE(Buffer.byteLength(name), 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), fixed, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), fixed, place, Buffer.from(name));
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from('PK\x05\x06'), end]);
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export interface Book {
  /** XML of `sheetData`, or of the whole sheet. */
  sheet: string;
  sharedStrings?: string;
  styles?: string;
  workbook?: string;
  more?: Part[];
}

/** The parts of a workbook with one sheet, as Excel names them. */
export function bookParts({ sheet, sharedStrings, styles, workbook, more = [] }: Book): Part[] {
  return [
    { name: '[Content_Types].xml', content: `${XML}<Types/>` },
    {
      name: 'xl/workbook.xml',
      content:
        workbook ??
        `${XML}<workbook xmlns:r="r"><workbookPr/><sheets><sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `${XML}<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
    },
    ...(styles ? [{ name: 'xl/styles.xml', content: XML + styles }] : []),
    {
      name: 'xl/worksheets/sheet1.xml',
      content: sheet.includes('<worksheet') ? sheet : `${XML}<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
    },
    ...(sharedStrings ? [{ name: 'xl/sharedStrings.xml', content: XML + sharedStrings }] : []),
    ...more,
  ];
}

export const workbook = (book: Book): Buffer => zip(bookParts(book));

/** Rows of inline strings. */
export function inlineRows(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) =>
    `<c t="inlineStr"><is><t>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</t></is></c>`;
  return rows.map((cells) => `<row>${cells.map(cell).join('')}</row>`).join('');
}
