/**
 * What a restore would change, for people, and the steps that change it, for the swap. Pure.
 *
 * Things are taken away first, folders made from the top, files placed, permissions given last from the bottom, so
 * that a read-only folder can be filled.
 */
import type { ChangeView, Section, SectionChanges } from '../domain/backup.ts';
import type { Difference, SectionDifference } from './compare-live.ts';
import { shownName } from './names.ts';
import type { SwapStep } from './swap.ts';

const MOST_CHANGES = 500;
const NOT_FOR_FILES = 0o6000;

export function changesOf(
  section: Section,
  { differences, unchanged }: SectionDifference,
  diffs: ReadonlyMap<string, readonly string[]>,
): SectionChanges {
  const count = (change: Difference['change']): number =>
    differences.filter((difference) => difference.change === change).length;
  return {
    section,
    added: count('added'),
    changed: count('changed'),
    removed: count('removed'),
    modes: count('mode'),
    unchanged,
    bytes: differences.reduce(
      (sum, { saved, change }) => sum + (change === 'mode' ? 0 : (saved?.size ?? 0)),
      0,
    ),
    changes: differences.slice(0, MOST_CHANGES).map((difference) => viewOf(difference, diffs)),
  };
}

/** The steps for one root; paths in them are relative to it. */
export function stepsFor(name: string, differences: readonly Difference[]): readonly SwapStep[] {
  const own = differences
    .filter(({ path }) => path === name || path.startsWith(`${name}/`))
    .map((difference) => ({ ...difference, path: difference.path.slice(name.length + 1) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const gone = own.filter(isGone).toReversed();
  const fresh = own.filter(({ change }) => change === 'added' || change === 'changed');
  return [
    ...gone.filter(({ now }) => now?.type !== 'dir').map(({ path }): SwapStep => ({ kind: 'away', path })),
    ...gone.flatMap(({ path, now }): SwapStep[] =>
      now?.type === 'dir' ? [{ kind: 'remove_folder', path, mode: now.mode }] : [],
    ),
    ...fresh.flatMap(({ path, saved }): SwapStep[] =>
      saved?.type === 'dir' && path !== ''
        ? [{ kind: 'make_folder', path, uid: saved.uid, gid: saved.gid }]
        : [],
    ),
    ...fresh
      .filter(({ saved }) => saved?.type !== 'dir')
      .map(
        (difference): SwapStep => ({
          kind: 'place',
          path: difference.path,
          replaces: isReplaced(difference),
        }),
      ),
    ...own.flatMap(modeStep).toReversed(),
  ];
}

/** Out of the way before anything is put in place: what is too much, and a file where a folder belongs. */
function isGone({ change, now, saved }: Difference): boolean {
  if (change === 'removed') return true;
  return change === 'changed' && (now?.type === 'dir') !== (saved?.type === 'dir');
}

function isReplaced(difference: Difference): boolean {
  return difference.now !== null && !isGone(difference);
}

function modeStep({ path, change, now, saved }: Difference): SwapStep[] {
  if (saved === null) return [];
  if (change === 'mode') {
    const to = saved.type === 'dir' ? saved.mode : saved.mode & ~NOT_FOR_FILES;
    return [{ kind: 'mode', path, from: now?.mode ?? null, to }];
  }
  const isNewFolder = saved.type === 'dir';
  return isNewFolder ? [{ kind: 'mode', path, from: null, to: saved.mode }] : [];
}

function viewOf(
  { path, change, now, saved }: Difference,
  diffs: ReadonlyMap<string, readonly string[]>,
): ChangeView {
  return {
    path: shownName(path),
    change,
    sizeNow: now?.size ?? null,
    sizeThen: saved?.size ?? null,
    diff: diffs.get(path) ?? [],
  };
}
