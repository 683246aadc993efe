/** Embedded queues on a fake clock whose tasks end when the test says so. */

import type { QueueCall, SubmitResult, TaskRequest } from '../../src/domain/queue.ts';
import { ms, seconds } from '../../src/domain/units.ts';
import { createEmbedded, type EmbeddedDeps, type EmbeddedQueues } from '../../src/platform/queue/embedded.ts';
import type { RunEnd } from '../../src/platform/queue/outcome.ts';
import type { RunHooks } from '../../src/platform/queue/run-task.ts';
import {
  type EmbeddedQueueSettings,
  type QueuesSettings,
  type TaskCommand,
  USUAL_CLASSES,
} from '../../src/platform/queue/settings.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createMemoryLogger, type MemoryLogger } from './memory-ports.ts';

export const asked: QueueCall = { by: 'cli:local', dryRun: false };

export function taskCommand(over: Partial<TaskCommand> = {}): TaskCommand {
  return {
    name: 'job',
    command: ['/bin/true', '{id}'],
    variables: { id: { type: 'name', default: 'none' } },
    queue: 'default',
    class: 'normal',
    priority: 50,
    timeLimit: seconds(60),
    idempotent: false,
    attempts: 1,
    backoff: seconds(10),
    maxBackoff: seconds(300),
    cwd: null,
    env: {},
    envFrom: [],
    ...over,
  };
}

export function queueSettings(over: Partial<EmbeddedQueueSettings> = {}): EmbeddedQueueSettings {
  return { engine: 'embedded', name: 'default', concurrency: 1, criticalSlots: 0, rate: null, ...over };
}

/** A run that the test ends. */
export interface Run {
  /** Its `id` variable. */
  readonly name: string;
  readonly id: string;
  readonly hooks: RunHooks;
  end(how?: RunEnd): Promise<void>;
}

export interface EmbeddedWorld {
  readonly queues: EmbeddedQueues;
  readonly clock: FakeClock;
  readonly log: MemoryLogger;
  settings: QueuesSettings;
  blocked: string | null;
  /** Every run so far, in the order of the starts. */
  readonly runs: Run[];
  submit(name: string, over?: Partial<TaskRequest>): Promise<SubmitResult>;
  /** Names of the runs so far. */
  started(): readonly string[];
  stateOf(name: string): Promise<string>;
}

export interface WorldOptions
  extends Partial<Pick<EmbeddedDeps, 'mostWaiting' | 'segmentBytes' | 'processes'>> {
  readonly folder: string;
  readonly clock?: FakeClock;
  readonly queues?: readonly EmbeddedQueueSettings[];
  readonly tasks?: readonly TaskCommand[];
  /** Every run ends well at once. */
  readonly quick?: boolean;
}

export function createEmbeddedWorld(options: WorldOptions): EmbeddedWorld {
  const clock = options.clock ?? createFakeClock();
  const log = createMemoryLogger();
  let counter = 0;
  const runs: Run[] = [];
  const world: EmbeddedWorld = {
    settings: {
      queues: options.queues ?? [queueSettings()],
      tasks: options.tasks ?? [taskCommand()],
      classes: USUAL_CLASSES,
    },
    blocked: null,
    clock,
    log,
    runs,
    queues: createEmbedded({
      folder: options.folder,
      settings: () => world.settings,
      blocked: () => world.blocked,
      commands: { run: async () => ({ kind: 'not_started', reason: 'no commands in this test' }) },
      processes: options.processes ?? {
        identify: (pid) => ({ pid, startTicks: 1, bootId: 'boot' }),
        liveness: () => 'dead',
      },
      clock,
      log,
      random: {
        next: () => 0.5,
        hex: () => {
          counter += 1;
          return counter.toString(16).padStart(12, '0');
        },
      },
      lookup: () => undefined,
      run: (entry, hooks) =>
        new Promise((resolve) => {
          const end = async (how: RunEnd = { kind: 'succeeded' }): Promise<void> => {
            resolve(how);
            await settled(world);
          };
          runs.push({ name: entry.task.vars['id'] ?? '', id: entry.task.id, hooks, end });
          hooks.signal.addEventListener('abort', () =>
            resolve({ kind: 'unsure', why: 'it was ended by SIGTERM' }),
          );
          if (options.quick === true) resolve({ kind: 'succeeded' });
        }),
      ...(options.mostWaiting !== undefined && { mostWaiting: options.mostWaiting }),
      ...(options.segmentBytes !== undefined && { segmentBytes: options.segmentBytes }),
    }),
    async submit(name, over = {}) {
      const request: TaskRequest = {
        name: 'job',
        queue: null,
        class: null,
        priority: null,
        variables: { id: name },
        delay: ms(0),
        key: null,
        ...over,
      };
      const result = await world.queues.submit(request, asked);
      await settled(world);
      return result;
    },
    started: () => runs.map(({ name }) => name),
    async stateOf(name) {
      const { tasks } = await world.queues.list({ limit: 1_000 });
      return tasks.find(({ variables }) => variables['id'] === name)?.state.kind ?? 'not there';
    },
  };
  return world;
}

/** Until everything that was asked of the journal is on disk and has been answered; a record of no meaning says so. */
export async function settled({ queues, clock }: Pick<EmbeddedWorld, 'queues' | 'clock'>): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await clock.settle();
    await queues.resume('nobody', asked);
  }
  await clock.settle();
}
