#!/usr/bin/env node
/** Entry: parse argv, pick the subcommand; nothing else. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs one command to its exit code. What a command needs is imported when it is chosen.
 *
 * @param begunAfter Milliseconds of this process that were not ours: the build before the first start.
 */
export async function main(argv: readonly string[], begunAfter = 0): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case 'start':
      return (await import('./app/start.ts')).start(rest, { begunAfter });
    case '--check-config':
    case '--print-config':
    case '--production':
      // Options of a start, said without the word.
      return (await import('./app/start.ts')).start(argv, { begunAfter });
    case '--version':
      // Of the program that was called, whatever runs here; `version` asks the bot that runs.
      process.stdout.write(`Nightshift ${(await import('./app/version.ts')).version()}\n`);
      return 0;
    case 'demo':
      return (await import('./app/demo-command.ts')).demo(rest, begunAfter);
    case 'doctor':
      return (await import('./app/doctor/doctor.ts')).doctor(rest);
    case 'init':
      return (await import('./app/init/init.ts')).init(rest);
    case 'completion':
      return (await import('./app/completion.ts')).completion(rest);
    case 'replay':
      // Over a file it needs no bot; over stored history it is a command of the table.
      if (rest.some((word) => /^--(input|help)/.test(word)))
        return (await import('./app/replay.ts')).replay(rest);
      return (await import('./app/terminal.ts')).terminal(argv);
    case 'optimize': {
      const { isTableCommand, optimize } = await import('./app/optimize-command.ts');
      if (!isTableCommand(rest)) return optimize(rest);
      return (await import('./app/terminal.ts')).terminal(argv);
    }
    default:
      return (await import('./app/terminal.ts')).terminal(argv);
  }
}

const invoked = process.argv[1];
if (invoked !== undefined && realpathSync(invoked) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
