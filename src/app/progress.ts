/** How far a long command at the terminal is: percent, rate, time left. On standard error, and only on a terminal. */
import type { Clock } from '../domain/ports.ts';

export interface Progress {
  update(done: number, of: number): void;
  /** Takes the bar away. */
  end(): void;
}

const SILENT: Progress = { update() {}, end() {} };

/** @param unit what is counted: `rows`. */
export async function createProgress(
  unit: string,
  stream: NodeJS.WriteStream,
  clock: Pick<Clock, 'monotonic'>,
): Promise<Progress> {
  if (stream.isTTY !== true) return SILENT;
  const { default: bars } = await import('cli-progress');
  const bar = new bars.SingleBar({
    format: `{bar} {percentage} %  {value} of {total} ${unit}  {rate} ${unit}/s  {left} left`,
    stream,
    clearOnComplete: true,
    hideCursor: true,
    noTTYOutput: false,
  });
  const begun = clock.monotonic();
  let isShown = false;
  return {
    update(done, of) {
      const spent = Math.max(1, clock.monotonic() - begun) / 1_000;
      const rate = done / spent;
      const left = rate === 0 ? '?' : `${Math.max(0, Math.round((of - done) / rate))} s`;
      const words = { rate: Math.round(rate).toLocaleString('en-US'), left };
      if (!isShown) bar.start(of, done, words);
      isShown = true;
      bar.update(done, words);
    },
    end() {
      if (isShown) bar.stop();
    },
  };
}
