/** The ports of a replay: everything in memory, nothing reaches the machine, the same run gives the same ids. */
import { OpsError } from '../domain/errors.ts';
import type {
  AuditLine,
  AuditLog,
  Clock,
  CommandRunner,
  Document,
  HttpClient,
  Logger,
  Random,
  StateStore,
} from '../domain/ports.ts';
import { ms, toIso } from '../domain/units.ts';
import type { WorkerChange, WorkerPool, WorkerState } from '../domain/worker.ts';

const NO_HASH = '0'.repeat(64);

export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Answers and keeps nothing: the incidents of a replay tell their own story. */
export function createForgetfulAudit(clock: Clock): AuditLog {
  let seq = 0;
  return {
    async append(entry): Promise<AuditLine> {
      seq += 1;
      return { ...entry, seq, time: toIso(clock.now()), prev: NO_HASH, hash: NO_HASH };
    },
    query: async () => [],
    verify: async () => ({ kind: 'intact', lines: seq, head: NO_HASH, files: 1 }),
    isWritable: () => true,
  };
}

export function createMemoryStates(): StateStore {
  return {
    async open(_name, _parse, defaults) {
      let value = defaults;
      const document: Document<typeof defaults> = {
        get value() {
          return value;
        },
        async update(change) {
          value = change(value);
          return value;
        },
      };
      return { document, origin: 'fresh', warning: '' };
    },
  };
}

export const NO_COMMANDS: CommandRunner = {
  run: async () => ({ kind: 'not_started', reason: 'nothing is run in a replay' }),
};

export const NO_HTTP: HttpClient = {
  request: async () => ({ kind: 'failed', reason: 'nothing is asked in a replay', took: ms(0) }),
};

/** Park and Miller: enough for ids and jitter that need only be the same in every run. */
export function createReplayRandom(): Random {
  let state = 20_261_122;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return {
    next,
    hex: (bytes) =>
      Array.from({ length: bytes }, () =>
        Math.floor(next() * 256)
          .toString(16)
          .padStart(2, '0'),
      ).join(''),
  };
}

/** Workers as the stored samples show them. @param isUp `null` = unknown. */
export function createPastWorkers(
  names: readonly string[],
  isUp: (worker: string) => boolean | null,
  clock: Clock,
): WorkerPool {
  const stateOf = (worker: string): WorkerState => {
    const up = isUp(worker);
    if (up === null) return { kind: 'not_started', reason: 'not in the stored history' };
    return up
      ? { kind: 'running', pid: 0, since: clock.now(), adopted: false }
      : { kind: 'unhealthy', pid: 0, since: clock.now(), reason: 'down in the stored history' };
  };
  const none = async (): Promise<WorkerChange> => {
    throw new OpsError('INTERNAL', 'a replay touches no worker');
  };
  return {
    list: () =>
      names.map((worker) => ({
        worker,
        instance: 0,
        state: stateOf(worker),
        exitsInTenMinutes: 0,
        exitsInDay: 0,
        lastExit: null,
      })),
    start: none,
    stop: none,
    restart: none,
    scale: none,
    logs: async () => undefined,
  };
}
