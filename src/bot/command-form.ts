/** What a command still needs, so that a surface can ask for it in a form instead of refusing. Pure but for `suggest`. */
import type { Actor } from '../domain/approval.ts';
import type { OpsControls } from '../domain/controls.ts';
import type { Reply } from './commands/command.ts';
import { parseCall } from './parse.ts';
import type { Redact } from './redact-data.ts';
import { isSuggested, suggest } from './suggest.ts';
import type { CommandForm, Suggestion } from './surface.ts';

/** `null` where the answer is no "something is missing". */
export async function formFor(
  text: string,
  reply: Reply,
  actor: Actor,
  { controls, redact }: { readonly controls: OpsControls; readonly redact: Redact },
): Promise<CommandForm | null> {
  if (reply.ok || reply.code !== 'BAD_OPTION') return null;
  const incomplete = incompleteCall(text, reply);
  if (incomplete === null) return null;
  const { words, given, options } = incomplete;
  const suggestions: Record<string, readonly Suggestion[]> = {};
  for (const option of options) {
    if (!isSuggested(words, option)) continue;
    suggestions[option] = await suggest(controls, actor, { words, option, typed: '' }, redact);
  }
  return { words, given, suggestions };
}

interface Incomplete {
  readonly words: readonly string[];
  readonly given: Readonly<Record<string, string>>;
  readonly options: readonly string[];
}

function incompleteCall(text: string, reply: Reply): Incomplete | null {
  const parsed = parseCall({ text });
  if (parsed.kind === 'invalid') {
    const { incomplete } = parsed.fault;
    return incomplete === undefined ? null : { ...incomplete, given: texts(incomplete.given) };
  }
  const lacks = typeof reply.data === 'object' && reply.data !== null && 'missing' in reply.data;
  if (parsed.kind !== 'call' || !lacks) return null;
  const { command, given } = parsed;
  return { words: command.words, given: texts(given), options: Object.keys(command.options.shape) };
}

function texts(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
}
