// From the compiler's types to JSON Schema: whatever a declared return type says, as it looks after JSON.stringify.
import ts from 'typescript';
import { decorators, docOf, isOptional, text, withoutUndefined } from './reading.mjs';
import { inputRule } from './rules.mjs';

/** The named types of one document, filled as operations use them. */
export class Schemas {
  byName = {};
  #names = new Map();

  constructor(checker) {
    this.checker = checker;
  }

  of(type) {
    if (type.flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
    if (type.isStringLiteral()) return { type: 'string', const: type.value };
    if (type.isNumberLiteral()) return { type: 'number', const: type.value };
    if (type.flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) return { type: 'string' };
    if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
    if (type.flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isUnion()) return this.union(type);
    const name = (type.aliasSymbol ?? type.symbol)?.name;
    if (name === 'Instant') return { type: 'string', format: 'date-time' };
    if (name === 'PlainDate') return { type: 'string', format: 'date' };
    if (name === 'Date') return { type: 'string', format: 'date-time' };
    if (this.checker.isArrayLikeType(type)) {
      const [item] = this.checker.getTypeArguments(type);
      return { type: 'array', items: item ? this.of(item) : {} };
    }
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) return {};
    const values = this.checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (values && !type.getProperties().length) return { type: 'object', additionalProperties: this.of(values.type) };
    return this.named(type);
  }

  union(type) {
    const parts = type.types.filter((t) => !(t.flags & ts.TypeFlags.Undefined));
    const nullable = parts.some((t) => t.flags & ts.TypeFlags.Null);
    const rest = parts.filter((t) => !(t.flags & ts.TypeFlags.Null));
    const withNull = (schema) =>
      !nullable
        ? schema
        : typeof schema.type === 'string' && !schema.enum
          ? { ...schema, type: [schema.type, 'null'] }
          : { anyOf: [schema, { type: 'null' }] };
    if (rest.every((t) => t.flags & ts.TypeFlags.BooleanLiteral)) return withNull({ type: 'boolean' });
    if (rest.length === 1) return withNull(this.of(rest[0]));
    if (rest.every((t) => t.isStringLiteral())) {
      // The compiler numbers literals as it meets them, so its order changes with any other file.
      const values = rest.map((t) => t.value).sort();
      return nullable ? { enum: [...values, null] } : { type: 'string', enum: values };
    }
    const seen = new Map(
      rest.map((t) => {
        const s = this.of(t);
        return [JSON.stringify(s), s];
      }),
    );
    const schemas = [...seen.values()];
    return withNull(schemas.length === 1 ? schemas[0] : { anyOf: schemas });
  }

  named(type) {
    const symbol = type.aliasSymbol ?? type.symbol;
    const plain =
      symbol?.name &&
      !symbol.name.startsWith('__') &&
      !(type.aliasTypeArguments ?? this.checker.getTypeArguments(type) ?? []).length;
    if (!plain) return this.object(type);
    const known = this.#names.get(type);
    if (known) return { $ref: `#/components/schemas/${known}` };
    let name = symbol.name;
    if (this.byName[name]) {
      const file =
        symbol.declarations?.[0]
          ?.getSourceFile()
          .fileName.split('/')
          .at(-1)
          .replace(/\.controller\.ts$|\.ts$/, '') ?? 'other';
      name = file.replaceAll(/(^|[-.])(.)/g, (_, _s, c) => c.toUpperCase()) + symbol.name;
    }
    this.#names.set(type, name);
    this.byName[name] = {}; // before its fields: a type may contain itself
    this.byName[name] = { ...this.object(type), ...describe(docOf(symbol, this.checker)) };
    return { $ref: `#/components/schemas/${name}` };
  }

  object(type) {
    const properties = this.checker
      .getPropertiesOfType(type)
      .filter((p) => !isMethod(p) && !p.name.startsWith('__') && p.name !== 'constructor');
    const required = properties.filter((p) => !isOptional(p)).map((p) => p.name);
    return {
      type: 'object',
      properties: Object.fromEntries(properties.map((p) => [p.name, this.property(p)])),
      ...(required.length ? { required } : {}),
    };
  }

  property(symbol) {
    const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
    const type = declaration
      ? this.checker.getTypeOfSymbolAtLocation(symbol, declaration)
      : this.checker.getTypeOfSymbol(symbol);
    const schema = this.of(withoutUndefined(type));
    const rules = declaration
      ? decorators(declaration).reduce((all, d) => ({ ...all, ...inputRule(d, this.checker) }), {})
      : {};
    const fallback = declaration && ts.isPropertyDeclaration(declaration) ? declaration.initializer : undefined;
    const initial = fallback && (ts.isNumericLiteral(fallback) ? Number(fallback.text) : text(fallback));
    const rule = schema.$ref || schema.anyOf ? {} : rules;
    return {
      ...schema,
      ...rule,
      ...(initial === undefined || initial === '' ? {} : { default: initial }),
      ...describe(docOf(symbol, this.checker)),
    };
  }
}

const describe = (description) => (description ? { description } : {});
const isMethod = (p) => Boolean(p.flags & ts.SymbolFlags.Method);
