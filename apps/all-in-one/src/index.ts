export { freePort, Process } from './child-process.js';
export { openClusters, type Clusters } from './clusters.js';
export { Client, Traffic } from './demo/client.js';
export { checkCertificates } from './demo/erasures.js';
export { Journal } from './demo/journal.js';
export { Killer } from './demo/killer.js';
export {
  bookMeetings,
  callEveryone,
  endAndErase,
  importFile,
  liveWithThem,
  settle,
  signInAll,
  type Life,
} from './demo/life.js';
export { countClientOwned, countOutside } from './demo/measure.js';
export { readLeadFile } from './demo/people.js';
export { Progress } from './demo/progress.js';
export { emptyReport } from './demo/report.js';
export { SandboxControl } from './demo/sandbox-control.js';
export { Seeded } from './demo/seeded.js';
export { nginxConf } from './ingress.js';
export { sandboxEnv, startSandboxProcess } from './sandbox-process.js';
export { sandboxSignIns, seed, type Call } from './seed.js';
export { SERVICES } from './services.js';
