/** The backup room of a running bot. */
import { type Backup, createBackup } from '../backup/backup.ts';
import type { ApprovalGate } from '../domain/ports.ts';
import { seconds } from '../domain/units.ts';
import type { WorkerChange, WorkerPool, WorkerStatus } from '../domain/worker.ts';
import { loadConfig } from './config.ts';
import type { Built } from './rooms.ts';
import { version } from './version.ts';

/** Built after the backups, and needed by them: looked up at each use. */
export interface LateRooms {
  gate?: ApprovalGate;
  pool?: WorkerPool;
}

export function createBackups(built: Built, late: LateRooms): Backup {
  const { env, live } = built;
  return createBackup({
    ...built,
    config: live.room('backup'),
    host: env.hostname,
    version: version(),
    configFolder: env.configFolder,
    dataFolder: env.dataFolder,
    checkConfig: faultsIn,
    gate: { ask: async (request) => late.gate?.ask(request) ?? NOT_YET },
    writers: createWriters(
      () => live.current().backup.restore.stopWorkers,
      () => late.pool,
    ),
    // Soon: whoever asked has the answer by then.
    restart: () => void built.clock.in(ANSWER_FIRST, built.again.ask),
    async onRestored(sections) {
      if (sections.includes('config')) await live.reload(false);
    },
  });
}

/** An answer and a last card are on their way within this. */
const ANSWER_FIRST = seconds(2);
const NOT_YET = { kind: 'refused', reason: 'Nightshift is still starting' } as const;

/** The workers that write to what is restored: stopped before, started after. One that was down before stays down. */
export function createWriters(
  names: () => readonly string[],
  pool: () => Pick<WorkerPool, 'list' | 'start' | 'stop'> | undefined,
): { stop(): Promise<string | null>; start(): Promise<string | null> } {
  let stopped: readonly string[] = [];
  return {
    async stop() {
      for (const name of names()) {
        if (!isUp(name, pool()?.list() ?? [])) continue;
        stopped = [...stopped, name];
        const change = await pool()?.stop(name, 'nightshift');
        if (change !== undefined && change.kind !== 'done') return `worker ${name}: ${reasonOf(change)}`;
      }
      return null;
    },
    async start() {
      const waiting = stopped;
      stopped = [];
      for (const name of waiting) {
        const change = await pool()?.start(name, 'nightshift');
        if (change !== undefined && change.kind !== 'done') return `worker ${name}: ${reasonOf(change)}`;
      }
      return null;
    },
  };
}

/** An unknown name is asked to stop, so that the restore says what is wrong with its configuration. */
function isUp(name: string, all: readonly WorkerStatus[]): boolean {
  const own = all.filter(({ worker }) => worker === name);
  return own.length === 0 || own.some(({ state }) => !DOWN.includes(state.kind));
}

const DOWN: readonly WorkerStatus['state']['kind'][] = ['stopped', 'gave_up', 'not_started'];

function reasonOf(change: Exclude<WorkerChange, { kind: 'done' }>): string {
  return change.kind === 'not_found' ? 'there is no such worker' : change.reason;
}

/** What is wrong with the configuration files of a folder. */
export async function faultsIn(folder: string): Promise<readonly string[]> {
  const result = await loadConfig(folder);
  return result.kind === 'invalid' ? result.faults : [];
}
