/** What it costs to keep many waiting tasks in order: into the line, out of it, and back from the journal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_CLASSES } from '../../src/domain/queue.ts';
import { ms } from '../../src/domain/units.ts';
import type { Entry } from '../../src/platform/queue/book.ts';
import { createLine } from '../../src/platform/queue/line.ts';
import { USUAL_CLASSES } from '../../src/platform/queue/settings.ts';
import { add, openQueues, rate } from './embedded-side.ts';

const AT_ONCE = 1_000;

export interface OrderingFigures {
  readonly pushMs: number;
  readonly pickMicros: number;
  readonly replayMs: number;
  readonly heapMiB: number;
}

export async function orderingFigures(count: number): Promise<OrderingFigures> {
  return { ...lineFigures(count), ...(await journalFigures(count)) };
}

function lineFigures(count: number): Pick<OrderingFigures, 'pushMs' | 'pickMicros'> {
  const entries = Array.from({ length: count }, (_, index) => entry(index, count));
  const line = createLine();
  const now = ms(count);
  const begun = performance.now();
  for (const one of entries) line.put(one, now);
  const pushed = performance.now();
  const open = { critical: true, others: true, overdue: true, isHeld: () => false };
  for (
    let next = line.pick(now, open, USUAL_CLASSES);
    next !== undefined;
    next = line.pick(now, open, USUAL_CLASSES)
  ) {
    line.started(next);
    line.remove(next);
  }
  return { pushMs: pushed - begun, pickMicros: ((performance.now() - pushed) * 1_000) / count };
}

function entry(index: number, count: number): Entry {
  const task = {
    id: `t${index}`,
    queue: 'default',
    name: 'nothing',
    class: TASK_CLASSES[index % 3] ?? 'normal',
    priority: 1 + ((index * 7_919) % 100),
    vars: {},
    at: index,
    by: 'bench',
    key: null,
    idem: false,
    max: 1,
  };
  const readyAt = (index * 104_729) % count;
  return {
    task,
    state: { k: 'waiting', since: 0 },
    starts: 0,
    log: [],
    seq: 0,
    key: 0,
    readyAt,
    order: index,
    place: -1,
  };
}

async function journalFigures(count: number): Promise<Pick<OrderingFigures, 'replayMs' | 'heapMiB'>> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-queue-'));
  try {
    const first = openQueues(folder, () => {});
    await first.start();
    await first.pause('default', null, { by: 'bench', dryRun: false });
    await rate(count, AT_ONCE, (index) => add(first, index));
    await first.stop();
    const before = process.memoryUsage().heapUsed;
    const begun = performance.now();
    const second = openQueues(folder, () => {});
    await second.start();
    const replayMs = performance.now() - begun;
    const heapMiB = (process.memoryUsage().heapUsed - before) / 1_048_576;
    await second.stop();
    return { replayMs, heapMiB };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
