/** The embedded queue with its real journal, and tasks that do nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ms, seconds } from '../../src/domain/units.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createEmbedded, type EmbeddedQueues } from '../../src/platform/queue/embedded.ts';
import { type TaskCommand, USUAL_CLASSES } from '../../src/platform/queue/settings.ts';
import { createSystemRandom } from '../../src/platform/random.ts';
import type { Figures } from './bullmq-side.ts';

const AT_ONCE = 64;
const WORKERS = 50;
const call = { by: 'bench', dryRun: false };

const TASK: TaskCommand = {
  name: 'nothing',
  command: ['/bin/true'],
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
};

export async function embeddedFigures(tasks: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-queue-'));
  let ended = 0;
  let all: () => void = () => {};
  const queues = openQueues(folder, () => {
    ended += 1;
    if (ended === tasks) all();
  });
  try {
    await queues.start();
    await queues.pause('default', null, call);
    const addsOne = await rate(Math.ceil(tasks / 10), 1, (index) => add(queues, index));
    const addsMany = await rate(tasks - Math.ceil(tasks / 10), AT_ONCE, (index) => add(queues, index));
    const begun = performance.now();
    const done = new Promise<void>((resolve) => {
      all = resolve;
    });
    await queues.resume('default', call);
    await done;
    while ((await queues.view('default'))?.running !== 0) await new Promise((next) => setImmediate(next));
    return { addsOne, addsMany, runs: (tasks * 1_000) / (performance.now() - begun) };
  } finally {
    await queues.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function openQueues(folder: string, onRun: () => void): EmbeddedQueues {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return createEmbedded({
    folder,
    settings: () => ({
      queues: [{ engine: 'embedded', name: 'default', concurrency: WORKERS, criticalSlots: 0, rate: null }],
      tasks: [TASK],
      classes: USUAL_CLASSES,
    }),
    commands: { run: async () => ({ kind: 'not_started', reason: 'not in this bench' }) },
    processes: { identify: (pid) => ({ pid, startTicks: null, bootId: null }), liveness: () => 'dead' },
    clock: createSystemClock(),
    log: silent,
    random: createSystemRandom(),
    lookup: () => undefined,
    blocked: () => null,
    run: async () => {
      onRun();
      return { kind: 'succeeded' };
    },
  });
}

export async function add(queues: EmbeddedQueues, index: number): Promise<void> {
  const variables = { id: `n${index}` };
  const request = {
    name: 'nothing',
    queue: null,
    class: null,
    priority: null,
    variables,
    delay: ms(0),
    key: null,
  };
  const result = await queues.submit(request, call);
  if (result.kind !== 'accepted') throw new Error(`not accepted: ${result.kind}`);
}

/** Calls a second, so many of them under way at once. */
export async function rate(
  count: number,
  atOnce: number,
  act: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await act(next);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: atOnce }, client));
  return (count * 1_000) / (performance.now() - begun);
}
