/**
 * How far a long command is: a bar on a terminal, a plain line now and then elsewhere. It is written beside the
 * answer, never into it, so that `--json` stays JSON.
 */
import { type BackupProgress, paceOf } from '../../domain/backup.ts';
import type { Clock } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import { progressWords, sizeWords } from '../commands/backup-words.ts';
import { spanWords } from '../figures.ts';

/** Elsewhere than on a terminal a line is kept for ever. */
const LINE_EVERY: Ms = seconds(10);
/** What is over in a moment is not worth a line. */
const LINE_AFTER: Ms = seconds(1);
const BAR_SIZE = 24;

export interface ProgressView {
  show(progress: BackupProgress): void;
  /** Takes the bar away. */
  end(): void;
}

interface Bar {
  start(total: number, value: number, payload: object): void;
  setTotal(total: number): void;
  update(value: number, payload: object): void;
  stop(): void;
}

/** Loads what draws the bar only where there is a terminal to draw on. */
export async function createProgressView(
  stream: { write(text: string): unknown },
  isTty: boolean,
  clock: Clock,
): Promise<ProgressView> {
  return isTty ? barView(await loadBar(stream)) : lineView(stream, clock);
}

async function loadBar(stream: unknown): Promise<Bar> {
  const { default: progress } = await import('cli-progress');
  return new progress.SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: '{what} {bar} {percent} {rest}',
    barsize: BAR_SIZE,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    fps: 5,
  });
}

function barView(bar: Bar): ProgressView {
  let isStarted = false;
  return {
    show(progress) {
      const { percent, bytesPerSecond, left } = paceOf(progress);
      const total = progress.totalBytes > 0 ? progress.totalBytes : 1;
      const value = progress.totalBytes > 0 ? Math.min(progress.doneBytes, total) : 0;
      const rest = [
        ...(bytesPerSecond === null ? [] : [`${sizeWords(bytesPerSecond)}/s`]),
        ...(left === null ? [] : [`${spanWords(left)} left`]),
      ];
      const payload = {
        what: progress.what,
        percent: percent === null ? '' : `${percent} %`,
        rest: rest.join(', '),
      };
      if (!isStarted) bar.start(total, value, payload);
      isStarted = true;
      bar.setTotal(total);
      bar.update(value, payload);
    },
    end() {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}

function lineView(stream: { write(text: string): unknown }, clock: Clock): ProgressView {
  let what = '';
  let saidAt = -Infinity;
  return {
    show(progress) {
      const now = clock.monotonic();
      if (progress.elapsed < LINE_AFTER || (progress.what === what && now - saidAt < LINE_EVERY)) return;
      what = progress.what;
      saidAt = now;
      stream.write(`${progressWords(progress)}\n`);
    },
    end: () => {},
  };
}
