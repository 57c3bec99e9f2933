import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Imports our TypeScript straight from src/, since dist/ may be missing or old: Node strips the types, we find the files.
 * For files without decorators that import only their neighbours and packages.
 * @param {string} path from the repository's root
 */
export async function fromSource(path) {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const ours = specifier.startsWith('./') && context.parentURL?.includes('/libs/');
      const source = ours && new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      return source && existsSync(source) ? next(source.href, context) : next(specifier, context);
    },
  });
  try {
    return await import(new URL(`../${path}`, import.meta.url).href);
  } finally {
    hooks.deregister();
  }
}
