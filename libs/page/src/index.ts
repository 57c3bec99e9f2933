export { document, LANGUAGES, PAGE_HEADERS, type PageLanguage, type PageParts } from './document.js';
export { markup, Html } from './markup.js';
