// Small readings of the syntax tree that both the operations and the schemas need.
import ts from 'typescript';
import { join } from 'node:path';
import { root } from '../jest.mjs';

/** The project's own compiler settings and files. */
export const compilerConfig = () =>
  ts.parseJsonConfigFileContent(ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, root);

/** Decorators of a class, a method, a field or a parameter: their names and arguments. */
export const decorators = (node) =>
  (ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : []).map((d) => {
    const call = ts.isCallExpression(d.expression) ? d.expression : undefined;
    return { name: (call ? call.expression : d.expression).getText(), args: call ? [...call.arguments] : [] };
  });

/** The text of a string literal. */
export const text = (node) => (node && ts.isStringLiteralLike(node) ? node.text : undefined);

/** A symbol's comment in one line. */
export const docOf = (symbol, checker) =>
  ts
    .displayPartsToString(symbol?.getDocumentationComment(checker))
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();

/** Whether a field may be left out: declared so, validated so, or with a default. */
export function isOptional(p) {
  if (p.flags & ts.SymbolFlags.Optional) return true;
  const declaration = p.valueDeclaration;
  return Boolean(
    declaration &&
    ((ts.isPropertyDeclaration(declaration) && declaration.initializer) ||
      decorators(declaration).some((d) => d.name === 'IsOptional')),
  );
}

/** `T | undefined` without the undefined. */
export function withoutUndefined(type) {
  if (!type.isUnion() || !type.types.some((t) => t.flags & ts.TypeFlags.Undefined)) return type;
  const parts = type.types.filter((t) => !(t.flags & ts.TypeFlags.Undefined));
  return parts.length === 1
    ? parts[0]
    : Object.assign(Object.create(Object.getPrototypeOf(type)), type, { types: parts });
}
