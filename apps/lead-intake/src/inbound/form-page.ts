import { document, markup, PAGE_HEADERS, type Html } from '@avtala/page';
import { FORM_TEXTS, type FormLanguage } from '../domain/form-texts.js';

export { PAGE_HEADERS };

/** Nothing that was typed is on these pages: they may be shown to somebody who asked for nothing. */
function page(language: FormLanguage, controller: string | undefined, main: Html): string {
  const { title, yourData, data, complain, authority } = FORM_TEXTS[language];
  return document({
    language,
    title,
    head: { name: controller ?? title },
    main,
    footer: markup`<h2>${yourData}</h2>
      <p>${data}</p>
      <p>${complain} <a href="https://www.imy.se" rel="noreferrer">${authority}</a>.</p>`,
  });
}

/** The question, with two buttons of the same size: opening the link changes nothing, since programs open links too. */
export function askPage(language: FormLanguage, controller: string, wording: string): string {
  const t = FORM_TEXTS[language];
  return page(
    language,
    controller,
    markup`<h1>${t.ask(controller)}</h1>
      <p>${t.agreed}</p>
      <blockquote><p>${wording}</p></blockquote>
      <form method="post"><button class="p" name="answer" value="yes">${t.yes}</button><button name="answer" value="no">${t.no}</button></form>`,
  );
}

export function sayPage(language: FormLanguage, text: string): string {
  return page(language, undefined, markup`<h1>${text}</h1>`);
}

/** For a link that no longer says which language it was. */
export function gonePage(): string {
  const { sv, en } = FORM_TEXTS;
  return page('sv', undefined, markup`<h1>${sv.gone}</h1><p lang="en">${en.gone}</p>`);
}
