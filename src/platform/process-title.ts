/**
 * What a process is called so that a person knows which one is meant: `node invoice.mjs` rather than `node`. Pure.
 *
 * Only the name of a program or script is taken from a command line, never another argument: there may be a secret.
 */
import { basename } from 'node:path';

/** The kernel cuts names here. */
const CUT_AT = 15;
const LONGEST = 60;
/** Their own name says nothing about what they run. */
const INTERPRETERS =
  /^(node|nodejs|deno|bun|python[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|java|sh|bash|dash|zsh)$/;
/** What follows is no script. */
const TAKES_A_VALUE: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '-cp',
  '-classpath',
]);
/** Code on the command line: there is no script. */
const IS_CODE: ReadonlySet<string> = new Set(['-e', '-c', '-p', '--eval', '--print']);

/** @param name as the kernel keeps it. @param argv of `/proc/PID/cmdline`; empty where it cannot be seen. */
export function processTitle(name: string, argv: readonly string[]): string {
  const program = basename(argv[0] ?? '');
  const isCut = name.length >= CUT_AT && program.startsWith(name);
  const known = isCut ? program : name;
  const runs = INTERPRETERS.test(program) ? program : known;
  if (!INTERPRETERS.test(runs)) return known.slice(0, LONGEST);
  const script = scriptOf(argv.slice(1));
  return (script === null ? runs : `${runs} ${script}`).slice(0, LONGEST);
}

/** `/proc/PID/cmdline`: words with a NUL after each. */
export function parseCommandLine(text: string): readonly string[] {
  return text.replace(/\0+$/, '').split('\0');
}

/** The first word that is no option and belongs to none; what stands after -m or -jar is it too. */
function scriptOf([word, ...rest]: readonly string[]): string | null {
  if (word === undefined || IS_CODE.has(word)) return null;
  if (TAKES_A_VALUE.has(word)) return scriptOf(rest.slice(1));
  if (word.startsWith('-')) return scriptOf(rest);
  return basename(word) || null;
}
