/**
 * `npm run bench -- queue [--tasks N] [--kills N]`: the embedded queue beside BullMQ on a redis-server of its own, with
 * durable acknowledgements on both (fdatasync; appendfsync always), the cost of ordering 100,000 waiting tasks, and,
 * with `--kills`, the torture: a bot that is killed again and again while 10,000 tasks (or as many as said) run.
 */
import { parseArgs } from 'node:util';
import { bullFigures, type Figures } from './queue/bullmq-side.ts';
import { embeddedFigures } from './queue/embedded-side.ts';
import { orderingFigures } from './queue/ordering.ts';
import { torture } from './queue/torture.ts';

const ROUNDS = 3;
const WAYS: readonly (readonly [keyof Figures, string])[] = [
  ['addsOne', 'adds/s, one at a time'],
  ['addsMany', 'adds/s, 64 at once'],
  ['runs', 'tasks/s from waiting to done, 50 at once, nothing to do'],
];

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      tasks: { type: 'string' },
      kills: { type: 'string', default: '0' },
    },
  });
  const kills = Number(values.kills);
  if (kills > 0) {
    const findings = await torture({
      kills,
      tasks: Number(values.tasks ?? 10_000),
      lives: [500, 3_000],
      say: print,
    });
    print(JSON.stringify(findings, null, 2));
    return findings.lost + findings.doubled + findings.wrong + findings.unmarked + findings.left === 0
      ? 0
      : 1;
  }
  await throughput(Number(values.tasks ?? 5_000));
  await ordering();
  return 0;
}

/** Rounds by turns, so that what else the machine does falls on both. */
async function throughput(tasks: number): Promise<void> {
  const [own, bull]: [Figures[], Figures[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(await embeddedFigures(tasks));
    const theirs = await bullFigures(tasks);
    if (theirs !== null) bull.push(theirs);
  }
  print(`durable acknowledgements on both, ${tasks} tasks, median of ${ROUNDS}`);
  for (const [key, words] of WAYS) {
    const ours = median(own.map((figures) => figures[key]));
    const theirs = bull.length === 0 ? null : median(bull.map((figures) => figures[key]));
    const beside =
      theirs === null
        ? 'redis-server is not installed'
        : `BullMQ ${figure(theirs)}, ratio ${(ours / theirs).toFixed(2)}`;
    print(`  ${words.padEnd(56)} embedded ${figure(ours)}, ${beside}`);
  }
}

async function ordering(): Promise<void> {
  const { pushMs, pickMicros, replayMs, heapMiB } = await orderingFigures(100_000);
  print('100,000 waiting tasks in three classes');
  print(
    `  into the line ${pushMs.toFixed(0)} ms, a pick ${pickMicros.toFixed(1)} µs, start with that journal ${replayMs.toFixed(0)} ms, heap +${heapMiB.toFixed(0)} MiB`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function figure(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
