export const FORM_LANGUAGES = ['sv', 'en'] as const;
export type FormLanguage = (typeof FORM_LANGUAGES)[number];

/** What the mail and the pages of a web form say. Nothing that a visitor typed is in them: the mail may go to somebody who asked for nothing. */
export interface FormTexts {
  subject: string;
  mail(controller: string, link: string): string[];
  title: string;
  ask(controller: string): string;
  agreed: string;
  yes: string;
  no: string;
  received: string;
  done(controller: string): string;
  refused: string;
  gone: string;
  closed: string;
  /** The person is being erased right now. */
  later: string;
  /** Every page ends with it. */
  yourData: string;
  data: string;
  complain: string;
  authority: string;
}

export const FORM_TEXTS: Record<FormLanguage, FormTexts> = {
  sv: {
    subject: 'Bekräfta att vi får kontakta dig',
    mail: (controller, link) => [
      'Hej!',
      '',
      `Någon har lämnat den här e-postadressen i ett formulär och bett ${controller} att höra av sig.`,
      'Bekräfta här om det var du:',
      '',
      link,
      '',
      'Länken gäller i sju dagar. Var det inte du behöver du inte göra något: uppgifterna raderas då av sig själva.',
    ],
    title: 'Bekräfta',
    ask: (controller) => `Vill du att ${controller} kontaktar dig?`,
    agreed: 'Det här godkänner du:',
    yes: 'Ja, bekräfta',
    no: 'Nej, radera uppgifterna',
    received: 'Tack! Vi har skickat ett brev till adressen du angav. Öppna det och bekräfta.',
    done: (controller) => `Tack! ${controller} hör av sig.`,
    refused: 'Uppgifterna är raderade. Ingen kommer att kontakta dig med anledning av dem.',
    gone: 'Länken har använts eller är för gammal. Då finns inga uppgifter kvar; fyll i formuläret på nytt om du vill.',
    closed: 'Formuläret är stängt.',
    later: 'Det går inte att ta emot din bekräftelse just nu. Öppna länken igen om ett dygn.',
    yourData: 'Dina uppgifter',
    data:
      'Källa: formuläret, som du själv fyllde i. Ändamål: att höra av oss, som du bad om. Det som inte bekräftas raderas efter sju dagar. ' +
      'I varje mejl från oss finns en länk där du kan se, rätta, invända eller radera. Sidan använder inga kakor.',
    complain: 'Du kan klaga hos',
    authority: 'Integritetsskyddsmyndigheten (IMY)',
  },
  en: {
    subject: 'Please confirm that we may contact you',
    mail: (controller, link) => [
      'Hello!',
      '',
      `Somebody left this e-mail address in a form and asked ${controller} to get in touch.`,
      'If it was you, confirm here:',
      '',
      link,
      '',
      'The link is good for seven days. If it was not you there is nothing to do: the data is then erased by itself.',
    ],
    title: 'Confirm',
    ask: (controller) => `Do you want ${controller} to contact you?`,
    agreed: 'This is what you agree to:',
    yes: 'Yes, confirm',
    no: 'No, erase the data',
    received: 'Thank you! We have sent a message to the address you gave. Open it and confirm.',
    done: (controller) => `Thank you! ${controller} will be in touch.`,
    refused: 'The data has been erased. Nobody will contact you because of it.',
    gone: 'The link has been used, or is too old. No data is left then; fill in the form again if you wish.',
    closed: 'The form is closed.',
    later: 'Your confirmation cannot be taken in right now. Please open the link again in a day.',
    yourData: 'Your data',
    data:
      'Source: the form, which you filled in yourself. Purpose: to get in touch, as you asked. What is not confirmed is erased after seven days. ' +
      'Every message from us has a link where you can see, correct, object or erase. This page uses no cookies.',
    complain: 'You can complain to',
    authority: 'the Swedish Authority for Privacy Protection (IMY)',
  },
};
