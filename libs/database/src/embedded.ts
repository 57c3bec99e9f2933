/** A running PostgreSQL of our own. */
export interface Cluster {
  /** Superuser URL of the database `postgres`: for `provision`, never for a service. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where the data really is. */
  readonly dir: string;
  /** The directory asked for was not reachable for the system user PostgreSQL runs as; `dir` is elsewhere. Say so to the user. */
  readonly moved: boolean;
  /** It was running already, e.g. after a SIGKILL of our process. */
  readonly adopted: boolean;
  /** Clean shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Tests only: no fsync, so a crash of the machine destroys the data. */
  readonly unsafeFast?: boolean;
  /** Further server settings, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startCluster(_o: ClusterOptions): Promise<Cluster> {
  throw new Error('not yet');
}

export async function createDatabase(_adminUrl: string, _name: string): Promise<string> {
  throw new Error('not yet');
}
