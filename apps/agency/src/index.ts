export { agency } from './definition.js';
export { sandboxStaff, type SandboxAccount } from './services/sandbox-staff.js';
export { inviteFirstAdmin } from './services/first-admin.js';
