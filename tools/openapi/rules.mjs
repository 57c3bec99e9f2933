// What a validation decorator of class-validator, or one of ours, says in JSON Schema. Those that say nothing there are left out.
import ts from 'typescript';

const number = (node) =>
  node && (ts.isNumericLiteral(node) || ts.isPrefixUnaryExpression(node))
    ? Number(node.getText().replaceAll('_', ''))
    : undefined;
const set = (key, value) => (value === undefined ? {} : { [key]: value });

/** @param decorator {name, args}; @returns keywords to add to the field's schema */
export function inputRule({ name, args }, checker) {
  // About the members of a list, whose type says it; on the list itself it would be wrong.
  if (args.some((a) => /\beach:\s*true/.test(a.getText()))) return {};
  switch (name) {
    case 'IsUUID':
      return { format: 'uuid' };
    case 'IsEmail':
      return { format: 'email' };
    case 'IsUrl':
      return { format: 'uri' };
    case 'IsInstant':
      return { format: 'date-time' };
    case 'IsCalendarDate':
      return { format: 'date' };
    case 'IsInt':
      return { type: 'integer' };
    case 'Min':
      return set('minimum', number(args[0]));
    case 'Max':
      return set('maximum', number(args[0]));
    case 'MinLength':
      return set('minLength', number(args[0]));
    case 'MaxLength':
      return set('maxLength', number(args[0]));
    case 'Length':
      return { ...set('minLength', number(args[0])), ...set('maxLength', number(args[1])) };
    case 'ArrayMinSize':
      return set('minItems', number(args[0]));
    case 'ArrayMaxSize':
      return set('maxItems', number(args[0]));
    case 'ArrayNotEmpty':
      return { minItems: 1 };
    case 'ArrayUnique':
      return { uniqueItems: true };
    case 'Matches':
      return args[0] && ts.isRegularExpressionLiteral(args[0]) && !/\/[a-z]+$/.test(args[0].text)
        ? { pattern: args[0].text.slice(1, -1) }
        : {};
    case 'IsIn': {
      const type = args[0] && checker.getTypeAtLocation(args[0]);
      const item = type && checker.isArrayLikeType(type) ? checker.getTypeArguments(type) : [];
      const values = item
        .flatMap((t) => (t.isUnion() ? t.types : [t]))
        .filter((t) => t.isStringLiteral() || t.isNumberLiteral());
      return values.length ? { enum: values.map((t) => t.value) } : {};
    }
    default:
      return {};
  }
}
