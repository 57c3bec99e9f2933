import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BrokerUnavailable, brokerJars } from './broker-jars.js';

const START_MS = 60_000;
const STOP_MS = 20_000;

/** A real Kafka broker, for tests and the demo. */
export interface Broker {
  /** host:port, as KAFKA_BROKERS wants it. */
  readonly brokers: string;
  /** Of the Java process; undefined for a broker that is not ours (KAFKA_BROKERS). */
  readonly pid: number | undefined;
  /** In order; keeps its data for the next start in the same directory. */
  stop(): Promise<void>;
  /** SIGKILL: a crash. */
  kill(): Promise<void>;
}

/**
 * Starts one Kafka node (broker and controller, loopback only) on Java 17 from Maven Central jars, without Docker: 3–5 s, about
 * 240 MB. A second start in the same directory goes on with its data, on the same port. It ends when this process ends, however that ends.
 * With KAFKA_BROKERS set, nothing is started and that broker is used.
 * @param o.dir its data and logs; @param o.port default any free one
 * @throws BrokerUnavailable no Java 17 or no Maven: the message says what to install
 */
export async function startBroker(o: { dir: string; port?: number }): Promise<Broker> {
  const given = process.env.KAFKA_BROKERS;
  if (given) return { brokers: given, pid: undefined, stop: async () => undefined, kill: async () => undefined };
  await checkJava();
  const dir = resolve(o.dir);
  const classPath = await brokerJars();
  await mkdir(dir, { recursive: true });
  const ports = await portsOf(dir, o.port);
  const properties = join(dir, 'server.properties');
  await writeFile(properties, configuration(dir, ports));
  if (!existsSync(join(dir, 'logs', 'meta.properties'))) await format(classPath, properties);
  return run(dir, classPath, properties, ports.broker);
}

async function run(dir: string, classPath: string, properties: string, port: number): Promise<Broker> {
  const logFile = join(dir, 'kafka.log');
  await writeFile(logFile, '');
  // The shell's input is a pipe from us: when we are gone, killed included, it ends, and the shell stops the broker.
  const shell = spawn(
    'sh',
    [
      '-c',
      GUARD,
      'avtala-kafka',
      logFile,
      'java',
      ...JAVA,
      '-Xms256m',
      '-Xmx256m',
      '-cp',
      classPath,
      'kafka.Kafka',
      properties,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const ended = new Promise<void>((done) => shell.once('exit', () => done()));
  const pid = await firstNumber(shell);
  const end = async (signal?: 'SIGKILL') => {
    if (signal) signalTo(pid, signal);
    shell.stdin!.end();
    const late = new AbortController();
    await Promise.race([ended, delay(STOP_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    if (shell.exitCode === null && shell.signalCode === null) {
      signalTo(pid, 'SIGKILL');
      await ended;
    }
  };
  try {
    await ready(logFile, port);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return { brokers: `127.0.0.1:${port}`, pid, stop: () => end(), kill: () => end('SIGKILL') };
}

const GUARD = `log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & broker=$!
echo "$broker"; read -r line; kill -TERM "$broker" 2>/dev/null; wait "$broker"`;

const JAVA = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

async function checkJava(): Promise<void> {
  const version = await promisify(execFile)('java', ['-version']).then(
    (r) => Number(/version "(\d+)/.exec(r.stderr + r.stdout)?.[1]),
    () => undefined,
  );
  if (version === undefined || !(version >= 17))
    throw new BrokerUnavailable(
      'Kafka needs Java 17 or newer (e.g. apt install openjdk-17-jre-headless maven), or KAFKA_BROKERS=host:port',
    );
}

async function format(classPath: string, properties: string): Promise<void> {
  const id = randomBytes(16).toString('base64url');
  await promisify(execFile)('java', [
    ...JAVA,
    '-cp',
    classPath,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    id,
    '-c',
    properties,
  ]);
}

/** The broker says so in its log, and takes connections. */
async function ready(logFile: string, port: number): Promise<void> {
  for (const until = Date.now() + START_MS; Date.now() < until; await delay(100)) {
    const text = await readFile(logFile, 'utf8');
    if (text.includes('Kafka Server started') && (await accepts(port))) return;
    if (/Exiting Kafka due to fatal exception|Could not create the Java Virtual Machine/.test(text)) break;
  }
  throw new Error(`Kafka did not start; its log is ${logFile}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1');
    const done = (yes: boolean) => {
      socket.destroy();
      answer(yes);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}

function firstNumber(child: ChildProcess): Promise<number> {
  return new Promise((found, failed) => {
    child.once('error', failed);
    child.stdout!.once('data', (data: Buffer) => found(Number(String(data).trim())));
  });
}

function signalTo(pid: number, signal: 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // already gone
  }
}

/** The same ports as at the last start, for clients that know them. */
async function portsOf(dir: string, port: number | undefined): Promise<{ broker: number; controller: number }> {
  const file = join(dir, 'ports.json');
  const known = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as { broker?: number; controller?: number };
  const ports = {
    broker: port ?? known.broker ?? (await freePort()),
    controller: known.controller ?? (await freePort()),
  };
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}

function configuration(dir: string, ports: { broker: number; controller: number }): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${ports.controller}
listeners=PLAINTEXT://127.0.0.1:${ports.broker},CONTROLLER://127.0.0.1:${ports.controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports.broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${join(dir, 'logs')}
num.partitions=1
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=16777216
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
`;
}
