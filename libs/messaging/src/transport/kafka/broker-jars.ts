import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const KAFKA_VERSION = '4.4.0';

/** What a local broker needs is not here; the message says in one line what to install. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
}

/**
 * The broker's jars, fetched from Maven Central once (45 jars, 43 MB, about 7 s) and kept under the user's cache directory.
 * @returns a Java class path
 * @throws BrokerUnavailable no Maven, or it could not fetch them
 */
export async function brokerJars(cache = join(homedir(), '.cache', 'avtala', 'kafka')): Promise<string> {
  const dir = join(cache, KAFKA_VERSION);
  if (!existsSync(join(dir, '.complete'))) await fetchJars(cache, dir);
  const jars = (await readdir(dir)).filter((f) => f.endsWith('.jar')).sort();
  return jars.map((f) => join(dir, f)).join(':');
}

async function fetchJars(cache: string, dir: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, '.fetching-'));
  try {
    await writeFile(join(work, 'pom.xml'), POM);
    const lib = join(work, 'lib');
    await maven([
      '-q',
      '-B',
      '-f',
      join(work, 'pom.xml'),
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${lib}`,
    ]);
    await writeFile(join(lib, '.complete'), '');
    // Whoever fetched at the same time and was faster has the same jars.
    await rename(lib, dir).catch((error: unknown) => {
      if (!existsSync(join(dir, '.complete'))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function maven(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'ignore', 'ignore'] });
    child.on('error', () =>
      reject(new BrokerUnavailable('Kafka needs Maven once (e.g. apt install maven), or KAFKA_BROKERS=host:port')),
    );
    child.on('exit', (code) =>
      code === 0
        ? resolve()
        : reject(
            new BrokerUnavailable('Maven could not fetch Kafka; set KAFKA_BROKERS=host:port to use a broker of yours'),
          ),
    );
  });
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>example.avtala</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
 <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
 <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
`;
