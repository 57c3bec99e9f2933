import { Malformed } from './errors.js';

export type Literal = string | number | boolean | null | Date;
export interface Condition {
  field: string;
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN';
  values: Literal[];
}

/** A query of the subset this stand-in speaks: one object, conditions joined by AND. */
export interface Query {
  fields: string[];
  object: string;
  where: Condition[];
  orderBy?: { field: string; descending: boolean };
  limit?: number;
}

const LONGEST = 100_000;
const TOKEN =
  /\s*(?:('(?:[^'\\]|\\['"\\nrt%_])*')|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:?\d\d))|(-?\d+(?:\.\d+)?)|([A-Za-z][A-Za-z0-9_]*)|(!=|<=|>=|[=<>(),]))/y;

/** @throws Malformed MALFORMED_QUERY, for everything outside the subset too */
export function parseSoql(text: string): Query {
  if (text.length > LONGEST) throw malformed('query too long');
  return new Parser(tokens(text)).query();
}

const malformed = (rule: string) => new Malformed(400, 'MALFORMED_QUERY', rule);

type Token = { kind: 'literal'; value: Literal } | { kind: 'word'; text: string } | { kind: 'sign'; text: string };

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  const whole = text.trimEnd();
  while (TOKEN.lastIndex < whole.length) {
    const match = TOKEN.exec(whole);
    if (!match) throw malformed('unexpected token');
    const [, string, moment, number, word, sign] = match;
    if (string !== undefined) found.push({ kind: 'literal', value: unescaped(string.slice(1, -1)) });
    else if (moment !== undefined) found.push({ kind: 'literal', value: new Date(moment) });
    else if (number !== undefined) found.push({ kind: 'literal', value: Number(number) });
    else if (word !== undefined) found.push({ kind: 'word', text: word });
    else found.push({ kind: 'sign', text: sign! });
  }
  return found;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c);

class Parser {
  private at = 0;
  constructor(private readonly list: readonly Token[]) {}

  query(): Query {
    this.word('SELECT');
    const fields = [this.name()];
    while (this.sign(',')) fields.push(this.name());
    this.word('FROM');
    const query: Query = { fields, object: this.name(), where: [] };
    if (this.maybe('WHERE')) {
      do query.where.push(this.condition());
      while (this.maybe('AND'));
    }
    if (this.maybe('ORDER')) {
      this.word('BY');
      const field = this.name();
      query.orderBy = { field, descending: !this.maybe('ASC') && this.maybe('DESC') };
    }
    if (this.maybe('LIMIT')) {
      const limit = this.literal();
      if (typeof limit !== 'number' || limit < 1) throw malformed('LIMIT must be a number');
      query.limit = limit;
    }
    if (this.at < this.list.length) throw malformed('unexpected token at the end');
    return query;
  }

  private condition(): Condition {
    const field = this.name();
    if (this.maybe('IN')) {
      if (!this.sign('(')) throw malformed('IN needs a list');
      const values = [this.literal()];
      while (this.sign(',')) values.push(this.literal());
      if (!this.sign(')')) throw malformed('IN needs a closed list');
      return { field, operator: 'IN', values };
    }
    const next = this.list[this.at++];
    if (next?.kind !== 'sign' || !/^(=|!=|<|<=|>|>=)$/.test(next.text)) throw malformed('operator expected');
    return { field, operator: next.text as Condition['operator'], values: [this.literal()] };
  }

  private name(): string {
    const next = this.list[this.at++];
    if (next?.kind !== 'word') throw malformed('name expected');
    return next.text;
  }

  private literal(): Literal {
    const next = this.list[this.at++];
    if (next?.kind === 'literal') return next.value;
    if (next?.kind === 'word' && /^(true|false)$/i.test(next.text)) return /^true$/i.test(next.text);
    if (next?.kind === 'word' && /^null$/i.test(next.text)) return null;
    throw malformed('literal expected');
  }

  private word(text: string): void {
    if (!this.maybe(text)) throw malformed(`${text} expected`);
  }

  private maybe(text: string): boolean {
    const next = this.list[this.at];
    if (next?.kind !== 'word' || next.text.toUpperCase() !== text) return false;
    this.at += 1;
    return true;
  }

  private sign(text: string): boolean {
    const next = this.list[this.at];
    if (next?.kind !== 'sign' || next.text !== text) return false;
    this.at += 1;
    return true;
  }
}
