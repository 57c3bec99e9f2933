/** What spreadsheets take for the beginning of a formula (ASVS 1.2.10). */
const FORMULA = /^[=+\-@\t\r\0]/;

/** One cell of a CSV file, quoted as RFC 4180 has it. What a spreadsheet would run is made text by an apostrophe, phone numbers with + included. */
export function csvCell(value: string): string {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) || text !== value ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row with its line end. */
export function csvRow(values: readonly string[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/** Without it Excel reads UTF-8 as the system's old code page. */
export const BYTE_ORDER_MARK = '\uFEFF';
