/** The supervised workers. With one worker alone its name may be left out. */
import { z } from 'zod';
import type { OpsControls } from '../../domain/controls.ts';
import type { WorkerChange, WorkerState, WorkerStatus } from '../../domain/worker.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import { actorLabel } from '../permissions.ts';
import { workerView } from '../status-views.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { type Found, found, none } from './lookup.ts';
import { whole, word } from './options.ts';
import { badOption, fromWorkerChange, notFound, ok, would } from './replies.ts';

const MOST_INSTANCES = 64;
const worker = word('worker name; may be left out where there is only one').optional();

export const WORKER_COMMANDS: readonly Command[] = [
  entry({
    words: ['worker', 'list'],
    summary: 'All workers: state, process, exits',
    role: 'operator',
    options: z.strictObject({ worker }),
    positional: ['worker'],
    changes: false,
    example: 'worker list',
    async run(options, context) {
      const all = context.controls.workers.list();
      const shown = all.filter((status) => options.worker === undefined || status.worker === options.worker);
      if (shown.length === 0 && options.worker !== undefined) {
        return notFound(`There is no worker ${options.worker}.`);
      }
      const rows = shown.map((status) => workerRow(status, context));
      const text = rows.length === 0 ? 'No workers are configured.' : columns(rows).join('\n');
      return ok(text, { workers: shown.map(workerView) });
    },
  }),
  changing('start', 'Starts a worker, also one that was given up', (pool, name, by) => pool.start(name, by)),
  changing('stop', 'Stops a worker; it stays stopped until a person starts it', (pool, name, by) =>
    pool.stop(name, by),
  ),
  changing('restart', 'Stops a worker and starts it again', (pool, name, by) => pool.restart(name, by)),
  entry({
    words: ['worker', 'scale'],
    summary: 'Sets how many instances of a worker run',
    role: 'operator',
    options: z.strictObject({ worker, count: whole('how many', 0, MOST_INSTANCES) }),
    positional: ['worker', 'count'],
    changes: true,
    example: 'worker scale rpa-worker 3',
    async run(options, { controls, actor, dryRun }) {
      const picked = pickWorker(controls, options.worker);
      if (picked.kind === 'none') return picked.reply;
      if (dryRun) return would(`Would scale ${picked.value} to ${options.count}.`);
      const change = await controls.workers.scale(picked.value, options.count, actorLabel(actor));
      return fromWorkerChange(picked.value, change);
    },
  }),
  entry({
    words: ['worker', 'logs'],
    summary: 'The last lines a worker wrote',
    role: 'operator',
    options: z.strictObject({ worker, lines: whole('how many (50)', 1, 1_000).optional() }),
    positional: ['worker', 'lines'],
    changes: false,
    example: 'worker logs rpa-worker --lines 100',
    async run(options, { controls }) {
      const picked = pickWorker(controls, options.worker);
      if (picked.kind === 'none') return picked.reply;
      const lines = await controls.workers.logs(picked.value, options.lines ?? 50);
      if (lines === undefined) return notFound(`There is no worker ${picked.value}.`);
      const text = lines.length === 0 ? `${picked.value} has written nothing.` : lines.join('\n');
      return ok(text, { worker: picked.value, lines });
    },
  }),
];

type Change = (pool: OpsControls['workers'], worker: string, by: string) => Promise<WorkerChange>;

function changing(verb: 'start' | 'stop' | 'restart', summary: string, change: Change): Command {
  return entry({
    words: ['worker', verb],
    summary,
    role: 'operator',
    options: z.strictObject({ worker }),
    positional: ['worker'],
    changes: true,
    example: `worker ${verb} rpa-worker`,
    async run(options, { controls, actor, dryRun }): Promise<Reply> {
      const picked = pickWorker(controls, options.worker);
      if (picked.kind === 'none') return picked.reply;
      if (dryRun) return would(`Would ${verb} ${picked.value}.`);
      return fromWorkerChange(picked.value, await change(controls.workers, picked.value, actorLabel(actor)));
    },
  });
}

function pickWorker(controls: OpsControls, given: string | undefined): Found<string> {
  const names = [...new Set(controls.workers.list().map((status) => status.worker))];
  if (given !== undefined) {
    return names.includes(given) ? found(given) : none(notFound(`There is no worker ${given}.`));
  }
  const [only, ...others] = names;
  if (only === undefined) return none(notFound('No workers are configured.'));
  if (others.length === 0) return found(only);
  return none(badOption(`Which worker? There are ${names.join(', ')}.`, { candidates: names }));
}

function workerRow(status: WorkerStatus, { timezone, now }: CommandContext): readonly string[] {
  const name = status.instance === 0 ? status.worker : `${status.worker} #${status.instance + 1}`;
  const exits = `${status.exitsInTenMinutes} exits in 10 min, ${status.exitsInDay} in 24 h`;
  return [name, stateWords(status.state, (at) => localTime(at, timezone, now)), exits, status.lastExit ?? ''];
}

type At = (moment: Parameters<typeof localTime>[0]) => string;

function stateWords(state: WorkerState, at: At): string {
  switch (state.kind) {
    case 'starting':
      return `starting, pid ${state.pid}`;
    case 'running':
      return `running, pid ${state.pid}, since ${at(state.since)}`;
    case 'unhealthy':
      return `unhealthy, pid ${state.pid}: ${state.reason}`;
    case 'backing_off':
      return `waits until ${at(state.until)}: ${state.reason}`;
    case 'stopping':
      return `stopping, pid ${state.pid}`;
    case 'stopped':
      return `stopped by ${state.by} at ${at(state.at)}`;
    case 'gave_up':
      return `given up at ${at(state.at)}: ${state.reason}`;
    case 'not_started':
      return `not started: ${state.reason}`;
  }
}
