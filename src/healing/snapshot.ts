/**
 * save_snapshot: the state of host and target at the moment of trouble, as JSON files in a folder of their own.
 *
 * Read from /proc without a fork, because it must work when nothing else does; redacted; bounded in size; written
 * to a `.partial` folder and renamed, so that a folder with its final name is whole. The newest 50 are kept.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../domain/errors.ts';
import type { Clock, MetricReader } from '../domain/ports.ts';
import type { Outcome } from '../domain/strategy.ts';
import { hours, type IncidentId, toIso } from '../domain/units.ts';
import { listProcesses, readOpenFiles, readSockets } from './proc-snapshot.ts';
import type { Targets } from './targets/registry.ts';

const KEPT = 50;
const LOG_LINES = 200;
const MAX_PIDS = 20;

export interface SnapshotDeps {
  readonly clock: Clock;
  readonly metrics: MetricReader;
  readonly targets: Targets;
  /** Where `snapshots/` is made. */
  readonly dataFolder: string;
  readonly host: string;
  redact(text: string): string;
  configHash(): string;
}

export interface SnapshotTaker {
  take(incident: IncidentId, target: string | null, signal: AbortSignal): Promise<Outcome>;
}

export function createSnapshotTaker(deps: SnapshotDeps): SnapshotTaker {
  const root = join(deps.dataFolder, 'snapshots');
  return {
    async take(incident, target, signal) {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const name = nextName(incident, await readdir(root));
      const partial = join(root, `${name}.partial`);
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { mode: 0o700 });
      for (const [file, read] of Object.entries(parts(deps, target))) {
        signal.throwIfAborted();
        await writeFile(join(partial, file), deps.redact(await toText(read)), { mode: 0o600 });
      }
      await rename(partial, join(root, name));
      await prune(root);
      return { kind: 'succeeded', note: `snapshots/${name}` };
    },
  };
}

/** One file a subject; a part that cannot be read says why, and the others are kept. */
function parts(deps: SnapshotDeps, target: string | null): Readonly<Record<string, () => unknown>> {
  const pids = (): readonly number[] =>
    (target === null ? [] : (deps.targets.get(target)?.state().pids ?? [])).slice(0, MAX_PIDS);
  return {
    'about.json': () => ({
      takenAt: toIso(deps.clock.now()),
      host: deps.host,
      target,
      configHash: deps.configHash(),
      states: deps.targets.states(),
    }),
    'processes.json': listProcesses,
    'open-files.json': () => readOpenFiles(pids()),
    'sockets.json': () => readSockets(pids()),
    'log.json': () => readLog(deps, target),
    'metrics.json': () => readMetrics(deps),
  };
}

async function toText(read: () => unknown): Promise<string> {
  try {
    return `${JSON.stringify(await read(), null, 2)}\n`;
  } catch (cause) {
    return `${JSON.stringify({ unknown: describeError(cause) })}\n`;
  }
}

async function readLog(deps: SnapshotDeps, target: string | null): Promise<unknown> {
  const driver = target === null ? undefined : deps.targets.get(target);
  if (driver?.logLines === undefined) return { lines: [], why: 'it keeps no log that could be read here' };
  return { lines: await driver.logLines(LOG_LINES) };
}

function readMetrics(deps: SnapshotDeps): unknown {
  return Object.fromEntries(
    deps.metrics
      .metrics()
      .map((metric) => [
        metric,
        deps.metrics.recent(metric, hours(1)).map((sample) => [toIso(sample.at), sample.value]),
      ]),
  );
}

function nextName(incident: IncidentId, taken: readonly string[]): string {
  const prefix = `${incident.replace(/[^A-Za-z0-9-]/g, '')}-`;
  const numbers = taken
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number.parseInt(name.slice(prefix.length), 10))
    .filter((number) => !Number.isNaN(number));
  return `${prefix}${Math.max(0, ...numbers) + 1}`;
}

/** Keeps the newest; what it made itself and nothing else is removed. */
async function prune(root: string): Promise<void> {
  const names = (await readdir(root)).filter((name) => /^inc-[A-Za-z0-9-]+-\d+$/.test(name));
  if (names.length <= KEPT) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(root, name))).mtimeMs })),
  );
  dated.sort((a, b) => b.at - a.at);
  for (const { name } of dated.slice(KEPT)) await rm(join(root, name), { recursive: true, force: true });
}
