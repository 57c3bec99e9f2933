export { holdsIdentityNumber, isIdentityNumberInPhoneField } from './identity-number.js';
export { noteProblem, type NoteProblem } from './note.js';
export { namesSpecialCategory } from './special-category.js';
