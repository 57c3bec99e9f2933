/** Names of a lead's fields (B1), the same on every screen. */
export const LEAD_FIELDS = {
  sv: {
    name: 'Namn',
    company: 'Företag',
    title: 'Titel',
    email: 'E-post',
    phone: 'Telefon',
    social: 'Sociala medier',
  },
  en: {
    name: 'Name',
    company: 'Company',
    title: 'Title',
    email: 'E-mail',
    phone: 'Phone',
    social: 'Social media',
  },
} as const;
