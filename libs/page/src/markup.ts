/** Markup that may stand in a page as it is. Made by `markup` alone. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

type Value = Html | string | number | false | null | undefined | readonly Value[];

/** Safe in text and inside quotes. */
const escaped = (text: string): string => text.replace(/[&<>"'`]/g, (c) => `&#${c.codePointAt(0)};`);

function written(value: Value): string {
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return (value as readonly Value[]).map(written).join('');
  if (value === false || value === null || value === undefined) return '';
  return escaped(String(value as string | number));
}

/** Templates are written on several lines to be read; a page needs none of the indentation. Of values nothing is taken. */
const tight = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Every value is escaped, unless `markup` made it; lists are joined, and what is not there is left out. Attributes stand in double quotes. Not named
 * `html`: prettier would put spaces where there are none.
 * @example markup`<p title="${title}">${name}</p>` */
export function markup(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  let parts = tight.get(template);
  if (!parts)
    tight.set(template, (parts = template.map((part) => part.replace(/>\n\s*</g, '><').replace(/\n\s*/g, '\n'))));
  return new Html(parts.reduce((text, part, i) => text + written(values[i - 1]) + part));
}
