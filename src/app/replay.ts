/**
 * `nightshift replay --input FILE.csv`: the detector over a CSV, causally, with the code of the live bot. No bot
 * is needed and none is asked. The JSON lines go to `--output` or standard output, the summary to standard error.
 */
import { parseArgs } from 'node:util';
import { describeError, isOpsError } from '../domain/errors.ts';
import { summaryText } from '../monitor/replay/summary.ts';
import { replayCsv } from '../monitor/replay-csv.ts';

const USAGE = `Usage: nightshift replay --input FILE.csv [--train FILE.csv] [--format jsonl] [--output OUT.jsonl]
  --input FILE    a CSV (or .csv.gz): time first, then one metric a column, one header line
  --train FILE    a history of the same metrics to learn from first
  --output FILE   where the JSON lines go; standard output where it is not given
Example: nightshift replay --input cpu.csv --format jsonl --output alarms.jsonl
`;

/** Resolves with the exit code: 0 done, 1 failed, 2 bad usage. */
export async function replay(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) return say(process.stdout, USAGE, 0);
  const options = readOptions(argv);
  if (typeof options === 'string') return say(process.stderr, `${options}\n${USAGE}`, 2);
  try {
    const summary = await replayCsv({
      input: options.input,
      output: options.output ?? process.stdout,
      ...(options.train === undefined ? {} : { train: options.train }),
    });
    return say(process.stderr, `${summaryText(summary)}\n`, 0);
  } catch (cause) {
    const code = isOpsError(cause) ? `${cause.code}: ` : '';
    return say(process.stderr, `${code}${describeError(cause)}\n`, isOpsError(cause, 'USAGE') ? 2 : 1);
  }
}

interface Options {
  readonly input: string;
  readonly train?: string | undefined;
  readonly output?: string | undefined;
}

/** The options, or what is wrong with them. */
function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        input: { type: 'string' },
        train: { type: 'string' },
        output: { type: 'string' },
        format: { type: 'string' },
      },
    });
    if (values.input === undefined) return '--input: expected a CSV file, found nothing';
    if (values.format !== undefined && values.format !== 'jsonl') {
      return `--format: expected jsonl, found "${values.format}"`;
    }
    return { input: values.input, train: values.train, output: values.output };
  } catch (cause) {
    return describeError(cause);
  }
}

function say(stream: NodeJS.WriteStream, text: string, code: number): number {
  stream.write(text);
  return code;
}
