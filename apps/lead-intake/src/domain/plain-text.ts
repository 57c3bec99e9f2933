/**
 * Whether a text is of printable ASCII and the letters À to ı alone: then NFC, NFKC, and the removal of control and format characters leave it as it is,
 * its only white space is the space, and its only dash the hyphen. Nearly every name and address of a list is; asking costs a tenth of normalising.
 */
export function isPlainText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x131 || (unit > 0x7e && unit < 0xc0)) return false;
  }
  return true;
}

/** NFC, or NFKC, of a text. */
export function composed(text: string, form: 'NFC' | 'NFKC'): string {
  return isPlainText(text) ? text : text.normalize(form);
}
