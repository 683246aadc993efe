/** Runs cases through `nightshift replay` of the build, some at a time, and reads back what it wrote. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './sets.ts';

export interface Judged {
  readonly time: Float64Array;
  readonly score: Float64Array;
  readonly alarm: Float64Array;
  /** 0 none, 1 info, 2 warning, 3 critical. */
  readonly severity: Uint8Array;
  readonly seconds: number;
  readonly summary: string;
}

const SEVERITIES: readonly (string | null)[] = [null, 'info', 'warning', 'critical'];

/** @param entry `dist/main.js` of a build. */
export async function replayAll<T extends Case>(
  cases: readonly T[],
  { entry, scratch, jobs }: { readonly entry: string; readonly scratch: string; readonly jobs: number },
): Promise<ReadonlyMap<T, Judged>> {
  const done = new Map<T, Judged>();
  const waiting = [...cases];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      done.set(one, await replayOne(one, entry, join(scratch, `${one.name.replaceAll('/', '_')}.jsonl`)));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return new Map(cases.map((one) => [one, done.get(one) as Judged]));
}

async function replayOne(one: Case, entry: string, output: string): Promise<Judged> {
  const training = one.train === null ? [] : ['--train', one.train];
  const argv = [entry, 'replay', '--input', one.input, ...training, '--format', 'jsonl', '--output', output];
  const began = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'pipe'] });
  let summary = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    summary += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const seconds = (performance.now() - began) / 1_000;
  if (code !== 0) throw new Error(`replay of ${one.name} ended with ${code}: ${summary}`);
  return { ...readJudged(output), seconds, summary };
}

function readJudged(path: string): Omit<Judged, 'seconds' | 'summary'> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const rows = lines.map(
    (line) => JSON.parse(line) as { time: string; score: number; alarm: number; severity: string | null },
  );
  return {
    time: Float64Array.from(rows, (row) => Date.parse(row.time)),
    score: Float64Array.from(rows, (row) => row.score),
    alarm: Float64Array.from(rows, (row) => row.alarm),
    severity: Uint8Array.from(rows, (row) => SEVERITIES.indexOf(row.severity)),
  };
}
