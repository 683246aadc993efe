/** A host whose processes live in memory: started, killed and looked at without a fork. */
import type { HostProcesses, LiveProcess, WorkerMark } from '../../src/healing/host-processes.ts';
import type { ProcessExit, Spawned, SpawnRequest } from '../../src/platform/spawn-detached.ts';

interface FakeProcess {
  readonly look: LiveProcess;
  readonly mark: WorkerMark;
  readonly request: SpawnRequest;
  end(exit: ProcessExit): void;
}

export interface FakeProcesses extends HostProcesses {
  spawn(request: SpawnRequest): Promise<Spawned>;
  readonly requests: SpawnRequest[];
  /** Every following spawn answers so, until `null`. */
  answerSpawns(answer: Exclude<Spawned, { kind: 'started' }> | null): void;
  /** The process ends by itself. */
  exit(pid: number, exit?: ProcessExit): void;
  /** Signals that it does not obey; KILL included makes it uninterruptible. */
  ignore(pid: number, ...signals: NodeJS.Signals[]): void;
  readonly signals: { readonly pid: number; readonly signal: NodeJS.Signals }[];
  alive(): readonly number[];
  /** A process that the supervisor did not start, or forgot. */
  plant(mark: WorkerMark, over?: Partial<LiveProcess>): number;
}

export function createFakeProcesses(bootId: string | null = 'boot-1'): FakeProcesses {
  const living = new Map<number, FakeProcess>();
  const deaf = new Map<number, readonly NodeJS.Signals[]>();
  const requests: SpawnRequest[] = [];
  const signals: { pid: number; signal: NodeJS.Signals }[] = [];
  let answer: Exclude<Spawned, { kind: 'started' }> | null = null;
  let nextPid = 1_000;

  function add(mark: WorkerMark, request: SpawnRequest, over: Partial<LiveProcess> = {}) {
    const pid = nextPid;
    nextPid += 1;
    const look: LiveProcess = { kind: 'alive', startTicks: pid * 10, group: pid, ...over };
    const exited = new Promise<ProcessExit>((resolve) => {
      living.set(pid, { look, mark, request, end: resolve });
    });
    return { pid, exited };
  }

  function exit(pid: number, how: ProcessExit = { code: 1, signal: null }): void {
    const process = living.get(pid);
    living.delete(pid);
    process?.end(how);
  }

  function hit(pid: number, signal: NodeJS.Signals): void {
    signals.push({ pid, signal });
    if (!deaf.get(pid)?.includes(signal)) exit(pid, { code: null, signal });
  }

  return {
    bootId: () => bootId,
    requests,
    signals,
    exit,
    answerSpawns(next) {
      answer = next;
    },
    ignore: (pid, ...names) => void deaf.set(pid, names),
    alive: () => [...living.keys()],
    plant: (mark, over) => add(mark, { argv: [], cwd: null, env: {}, outputPath: '' }, over).pid,
    async spawn(request) {
      requests.push(request);
      if (answer !== null) return answer;
      const [pool = '', slot = '', spawnId = ''] = (request.env['NIGHTSHIFT_WORKER'] ?? '').split('/');
      return { kind: 'started', ...add({ pool, slot, spawnId }, request), outputLost: null };
    },
    look: (pid) => living.get(pid)?.look ?? { kind: 'gone' },
    members: async (group) => [...living].filter(([, { look }]) => look.group === group).map(([pid]) => pid),
    marked: async (pool) =>
      [...living]
        .filter(([, { mark }]) => mark.pool === pool)
        .map(([pid, { look, mark }]) => ({ pid, process: look, mark })),
    signal(target, signal) {
      const pids =
        target > 0
          ? [target].filter((pid) => living.has(pid))
          : [...living].filter(([, { look }]) => look.group === -target).map(([pid]) => pid);
      for (const pid of pids) hit(pid, signal);
      return pids.length === 0 ? 'gone' : 'sent';
    },
  };
}
