/**
 * `nightshift optimize [--interval N] [--apply]`: looks at use against budget and at the stored load, says what it
 * would change and why, once or every N seconds. Dry-run unless `--apply` is given. It asks the running bot, and
 * works on the files where none runs.
 */
import { parseArgs } from 'node:util';
import { describeError } from '../domain/errors.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { createSystemClock } from '../platform/clock.ts';
import { terminal } from './terminal.ts';

const USAGE = `Usage: nightshift optimize [--interval N] [--apply] [--json]
  --interval N   look again every N seconds (1 to 86400) until it is stopped; once where it is not given
  --apply        accept what is suggested; without it nothing is changed
Also: nightshift optimize status | run | accept | reject
Example: nightshift optimize --interval 300
`;

const VERBS: ReadonlySet<string> = new Set(['status', 'run', 'accept', 'reject']);

/** True where the words are for the command table. */
export function isTableCommand(rest: readonly string[]): boolean {
  return rest.some((word) => VERBS.has(word));
}

/** Resolves with the exit code: that of a look that failed, or 0 when it was stopped. */
export async function optimize(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) return say(process.stdout, USAGE, 0);
  const options = readOptions(argv);
  if (typeof options === 'string') return say(process.stderr, `${options}\n${USAGE}`, 2);
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const clock = createSystemClock();
  try {
    for (;;) {
      const code = await look(options);
      if (options.interval === null || code === 2 || ending.signal.aborted) return code;
      await clock.sleep(options.interval, ending.signal);
    }
  } catch (cause) {
    if (ending.signal.aborted) return 0;
    throw cause;
  }
}

interface Options {
  readonly interval: Ms | null;
  readonly apply: boolean;
  readonly json: boolean;
}

async function look({ apply, json }: Options): Promise<number> {
  const form = json ? ['--json'] : [];
  if (!json) {
    process.stdout.write(apply ? 'Applies what is suggested.\n' : 'Dry run: nothing is changed.\n');
    await terminal(['budget', 'show']);
  }
  return terminal(['optimize', 'run', apply ? '--apply' : '--dry-run', ...form]);
}

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        interval: { type: 'string' },
        apply: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    if (values.apply && values['dry-run']) return '--apply and --dry-run: expected one of them, found both';
    const interval = values.interval === undefined ? null : Number(values.interval);
    if (interval !== null && !(interval >= 1 && interval <= 86_400)) {
      return `--interval: expected seconds from 1 to 86400, found "${values.interval}"`;
    }
    return {
      interval: interval === null ? null : seconds(interval),
      apply: values.apply === true,
      json: values.json === true,
    };
  } catch (cause) {
    return describeError(cause);
  }
}

function say(stream: NodeJS.WriteStream, text: string, code: number): number {
  stream.write(text);
  return code;
}
