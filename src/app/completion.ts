/** `nightshift completion bash|zsh|fish`: completions made from the command table, on standard output. */
import { bashCompletion } from '../bot/cli/completion/bash.ts';
import { fishCompletion } from '../bot/cli/completion/fish.ts';
import { type ShellCommand, shellCommands } from '../bot/cli/completion/words.ts';
import { zshCompletion } from '../bot/cli/completion/zsh.ts';
import { ALIASES, COMMANDS } from '../bot/commands/table.ts';
import { LOCAL_COMMANDS } from './local-commands.ts';

const USAGE = `Usage: nightshift completion bash|zsh|fish
  bash   in ~/.bashrc: source <(nightshift completion bash)
  zsh    in ~/.zshrc, after compinit: source <(nightshift completion zsh)
  fish   nightshift completion fish > ~/.config/fish/completions/nightshift.fish
Example: nightshift completion bash
`;

const SHELLS: Readonly<Record<string, (commands: readonly ShellCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Exit 0, or 2 for a shell that is not known. */
export function completion(argv: readonly string[]): number {
  const [shell = '', ...rest] = argv;
  if (shell === '--help') return say(USAGE);
  const script = rest.length === 0 ? completionFor(shell) : null;
  if (script !== null) return say(script);
  process.stderr.write(USAGE);
  return 2;
}

/** The script, or `null` for another shell. */
export function completionFor(shell: string): string | null {
  const make = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  return make === undefined ? null : make(shellCommands(COMMANDS, ALIASES, LOCAL_COMMANDS));
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
