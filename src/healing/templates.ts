/**
 * Filling of configured commands and URLs. Only typed values get in: names of our own configuration and numbers.
 * Nothing that came from a metric, a log, a webhook or a chat line ever reaches an argv.
 */

/** One argument of a command: no blank, no quote, no dash in front. */
const SAFE = /^[A-Za-z0-9@._:][A-Za-z0-9@._:-]{0,63}$/;

export type Filled =
  | { readonly kind: 'filled'; readonly argv: readonly string[] }
  | { readonly kind: 'unfit'; readonly reason: string };

export interface ArgvValues {
  readonly target: string | null;
  readonly host: string;
}

/** Replaces `{target}` and `{host}` where they are whole arguments; anything unfit stops the command. */
export function fillArgv(argv: readonly string[], values: ArgvValues): Filled {
  const filled: string[] = [];
  for (const part of argv) {
    const value = part === '{target}' ? values.target : part === '{host}' ? values.host : part;
    if (value === null) return { kind: 'unfit', reason: 'it needs a target and there is none' };
    if (value !== part && !SAFE.test(value)) {
      return { kind: 'unfit', reason: `${part} holds characters that no argument may hold` };
    }
    filled.push(value);
  }
  return { kind: 'filled', argv: filled };
}

/** Replaces `{name}` in a configured URL or body; numbers and safe names only, the rest stays as written. */
export function fillText(text: string, values: Readonly<Record<string, string | number | null>>): string {
  return text.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    return typeof value === 'string' && SAFE.test(value) ? value : whole;
  });
}

/** An argv as one line for people; never run from this form. */
export function showArgv(argv: readonly string[]): string {
  return argv.map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : JSON.stringify(part))).join(' ');
}
