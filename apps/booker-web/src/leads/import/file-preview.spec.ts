import { describe, expect, it } from '@jest/globals';
import { previewOf } from './file-preview.js';

const file = (content: string | Uint8Array<ArrayBuffer>) => new File([content], 'leads');

describe('what a file begins with', () => {
  it('CSV by its delimiter, with quotes, in UTF-8 and in Windows-1252', async () => {
    expect(await previewOf(file('Namn;Ort\n"Ek; Åsa";"sa ""ja"""\nBo;Umeå'))).toEqual({
      format: 'csv',
      columns: ['Namn', 'Ort'],
      rows: [
        ['Ek; Åsa', 'sa "ja"'],
        ['Bo', 'Umeå'],
      ],
    });
    const latin = new Uint8Array(
      [...'Namn,Ort\r\n'].map((c) => c.charCodeAt(0)).concat([0xc5, 0x73, 0x61, 0x2c, 0x58]),
    );
    expect(await previewOf(file(latin))).toMatchObject({ rows: [['Åsa', 'X']] });
  });

  it('NDJSON by its keys, in the order in which they come', async () => {
    expect(await previewOf(file('{"namn":"Åsa","n":1}\n{"namn":"Bo","e":null}\n'))).toEqual({
      format: 'ndjson',
      columns: ['namn', 'n', 'e'],
      rows: [
        ['Åsa', '1', ''],
        ['Bo', '', ''],
      ],
    });
  });

  it('says what is wrong with what is none of them', async () => {
    expect(await previewOf(file(''))).toBe('fileEmpty');
    expect(await previewOf(file('Namn;Ort\n'))).toBe('fileNoRows');
    expect(await previewOf(file(new Uint8Array([0x89, 0x50, 0, 0])))).toBe('fileType');
    expect(await previewOf(file(new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0])))).toBe('fileXls');
    expect(await previewOf(file('{"namn":'))).toBe('fileType');
    expect(await previewOf(file(new Uint8Array([0x50, 0x4b, 3, 4])))).toMatchObject({ format: 'xlsx' });
  });
});
