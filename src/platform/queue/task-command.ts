/**
 * From a configured task and typed values to an argv. Pure. A variable fills a whole argument or nothing; what is
 * not declared is refused, and so is what does not fit its type.
 */
import type { TaskCommand, VariableRule } from './settings.ts';

/** One argument: no blank, no quote, no slash, no dash in front. */
const NAME = /^[A-Za-z0-9@._:][A-Za-z0-9@._:-]{0,63}$/;
const INTEGER = /^-?\d{1,15}$/;
/** The word for the Node that runs the bot, as in workers.json. */
const NODE = 'node';

export type Variables =
  | { readonly kind: 'good'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Checks what was given against what the task declares, and fills in defaults. */
export function readVariables(
  { name, variables }: Pick<TaskCommand, 'name' | 'variables'>,
  given: Readonly<Record<string, string>>,
): Variables {
  const stranger = Object.keys(given).find((key) => !Object.hasOwn(variables, key));
  if (stranger !== undefined) {
    const known = Object.keys(variables);
    const takes = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
    return { kind: 'invalid', reason: `${name} has no variable ${stranger}; ${takes}` };
  }
  const values: Record<string, string> = {};
  for (const [key, rule] of Object.entries(variables)) {
    const value = Object.hasOwn(given, key) ? given[key] : (rule.default ?? undefined);
    if (value === undefined) return { kind: 'invalid', reason: `${name} needs the variable ${key}` };
    const fault = faultOf(value, rule);
    if (fault !== null) return { kind: 'invalid', reason: `${key} of ${name}: ${fault}` };
    values[key] = value;
  }
  return { kind: 'good', values };
}

/** The argv to run. Values were checked by `readVariables`, and are checked again here: they come from a file. */
export function fillCommand(
  task: Pick<TaskCommand, 'name' | 'variables' | 'command'>,
  values: Readonly<Record<string, string>>,
  node: string,
): { readonly kind: 'good'; readonly argv: readonly string[] } | Extract<Variables, { kind: 'invalid' }> {
  const read = readVariables(task, values);
  if (read.kind === 'invalid') return read;
  const argv = task.command.map((part, index) => {
    if (index === 0) return part === NODE ? node : part;
    const variable = variableOf(part);
    return variable === null ? part : (read.values[variable] ?? part);
  });
  return { kind: 'good', argv };
}

/** `id` for `{id}`; `null` for an ordinary argument. */
export function variableOf(part: string): string | null {
  return /^\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(part)?.[1] ?? null;
}

/** What is wrong with a value; `null` when it fits. */
export function faultOf(value: string, rule: VariableRule): string | null {
  switch (rule.type) {
    case 'name':
      return NAME.test(value) ? null : 'expected at most 64 letters, digits and @ . _ : -, no dash in front';
    case 'integer': {
      const number = Number(value);
      if (INTEGER.test(value) && number >= rule.min && number <= rule.max) return null;
      return `expected a whole number from ${rule.min} to ${rule.max}`;
    }
    case 'choice':
      return rule.choices.includes(value) ? null : `expected ${rule.choices.join(' or ')}`;
  }
}
