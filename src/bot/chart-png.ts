/**
 * SVG to PNG in a short-lived child process, one at a time: the library's 50 MB never stay with the bot. Where a
 * picture cannot be made (no library, no process, too late, too big) the answer is `null` and the card stays text.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError } from '../domain/errors.ts';
import type { Clock, CommandResult, CommandRunner, Logger } from '../domain/ports.ts';
import { type Ms, minutes, seconds } from '../domain/units.ts';

const TIME_LIMIT: Ms = seconds(5);
/** A picture that waits longer than this many others is not worth it: the text is out already. */
const MOST_WAITING = 6;
/** Larger ones cost a phone at night more than they tell. */
const MOST_BYTES = 60_000;
/** After a failure that will repeat itself (not installed, cannot start). */
const REST: Ms = minutes(30);
const NOT_INSTALLED = 3;

export interface ChartPainter {
  /** Never rejects; answers within some seconds for each picture that waits before it. */
  paint(svg: string): Promise<Buffer | null>;
}

export interface PainterDeps {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly log: Logger;
  /** Other program than the one beside this file, for tests. */
  readonly program?: readonly string[];
}

export function createChartPainter(deps: PainterDeps): ChartPainter {
  const { clock, log } = deps;
  let restUntil = 0;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function paintNow(svg: string): Promise<Buffer | null> {
    if (clock.monotonic() < restUntil) return null;
    try {
      return await inFolder((folder) => paintIn(folder, svg));
    } catch (cause) {
      log.warn('chart picture failed', { error: describeError(cause) });
      return null;
    }
  }

  async function paintIn(folder: string, svg: string): Promise<Buffer | null> {
    const [svgFile, pngFile] = [join(folder, 'chart.svg'), join(folder, 'chart.png')];
    await writeFile(svgFile, svg, { mode: 0o600 });
    const argv = [...(deps.program ?? childProgram()), svgFile, pngFile];
    const result = await deps.commands.run({ argv, timeLimit: TIME_LIMIT });
    const complaint = complaintOf(result);
    if (complaint !== null) {
      if (isLasting(result)) restUntil = clock.monotonic() + REST;
      log.warn('chart picture not made', { reason: complaint });
      return null;
    }
    const png = await readFile(pngFile);
    if (png.length <= MOST_BYTES) return png;
    log.warn('chart picture too big', { bytes: png.length });
    return null;
  }

  return {
    async paint(svg) {
      if (waiting >= MOST_WAITING) return null;
      waiting += 1;
      const mine = last.then(() => paintNow(svg));
      last = mine;
      try {
        return await mine;
      } finally {
        waiting -= 1;
      }
    },
  };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nightshift-chart-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From source the child needs tsx, as every program does there. */
function childProgram(): readonly string[] {
  if (import.meta.url.endsWith('.ts')) {
    const loader = import.meta.resolve('tsx');
    return [process.execPath, '--import', loader, beside('./chart-png-child.ts')];
  }
  return [process.execPath, beside('./chart-png-child.js')];
}

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function complaintOf(result: CommandResult): string | null {
  switch (result.kind) {
    case 'exited':
      if (result.code === 0) return null;
      return result.code === NOT_INSTALLED
        ? 'not installed'
        : `exit ${result.code}: ${result.output.slice(-300)}`;
    case 'killed':
      return `ended by ${result.signal}`;
    case 'timed_out':
      return 'it took too long';
    case 'not_started':
      return result.reason;
  }
}

function isLasting(result: CommandResult): boolean {
  return result.kind === 'not_started' || (result.kind === 'exited' && result.code === NOT_INSTALLED);
}
