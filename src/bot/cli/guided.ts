/**
 * A restore in the terminal is the guided sequence in one command: what it would change, then the question, then the
 * restore. Without a person to ask nothing is changed, and the answer names the command that does it.
 */
import type { Reply } from '../commands/command.ts';
import { refused } from '../commands/replies.ts';
import type { ParsedCall } from '../parse-fault.ts';

export interface Guide {
  /** Runs a command of the table with these options. */
  run(command: string, options: Readonly<Record<string, unknown>>): Promise<Reply>;
  /** Shows a text and asks; `null` where there is nobody to ask. */
  readonly confirm: ((shown: string, question: string) => Promise<boolean>) | null;
}

/** A restore of this host that nobody has said yes to yet. */
export function needsYes(command: string, { options, dryRun }: ParsedCall): boolean {
  return command === 'restore start' && !dryRun && options['yes'] !== true && options['to'] === undefined;
}

export async function guidedRestore(call: ParsedCall, guide: Guide): Promise<Reply> {
  const { yes: _, ...given } = call.given;
  const preview = await guide.run('restore preview', given);
  if (!preview.ok) return preview;
  const options = { ...given, backup: idIn(preview) ?? given['backup'] ?? 'latest', yes: true };
  if (guide.confirm === null) {
    const command = commandLine(options);
    return refused(`${preview.text}\nNothing was changed. To do this run: ${command}`, {
      ...(preview.data as object),
      command,
    });
  }
  const isWanted = await guide.confirm(preview.text, 'Back up what is there now, then restore this?');
  if (!isWanted) return refused('Nothing was changed.', preview.data);
  return guide.run('restore start', options);
}

/** What was shown is what is restored, also when a newer backup is made meanwhile. */
function idIn({ data }: Reply): string | undefined {
  const id = (data as { readonly id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}

function commandLine(options: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(options).map(([name, value]) =>
    value === true ? `--${name}` : `--${name} ${String(value)}`,
  );
  return ['nightshift restore', ...words].join(' ');
}
