/** Globs over paths below a folder: `*`, `?`, and `**` for any number of folders. Pure. */
import { type RawPath, rawOf } from './names.ts';

const TOKENS = /\/\*\*$|\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g;
const MEANING: Readonly<Record<string, string>> = {
  '/**': '(?:/.*)?',
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
};

/** Where a glob begins to be one: what stands before is a folder. */
export interface SplitGlob {
  readonly folder: string;
  /** Relative to the folder. */
  readonly pattern: string;
}

/** Matches relative paths; a pattern without wildcards also matches everything below what it names. */
export function globMatcher(pattern: string): (path: RawPath) => boolean {
  const body = rawOf(pattern).replaceAll(TOKENS, (token) => MEANING[token] ?? `\\${token}`);
  const below = hasWildcard(pattern) ? '' : '(?:/.*)?';
  const expression = new RegExp(`^${body}${below}$`, 's');
  return (path) => expression.test(path);
}

/** `/srv/app/**` is the folder `/srv/app` and the pattern `**`; `/etc/hosts` is `/etc` and `hosts`. */
export function splitGlob(glob: string): SplitGlob {
  const parts = glob.split('/');
  const wild = parts.findIndex(hasWildcard);
  const at = wild < 0 ? parts.length - 1 : wild;
  return { folder: parts.slice(0, at).join('/'), pattern: parts.slice(at).join('/') };
}

function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}
