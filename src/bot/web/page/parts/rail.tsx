/** The way around: a rail at the side, on a phone a bar at the bottom. */
import type { JSX } from 'preact';
import { post } from '../api.ts';
import { stopFeed } from '../live.ts';
import { place } from '../router.ts';
import { liveIncidents, session, status } from '../store.ts';

interface Page {
  readonly path: string;
  readonly name: string;
  /** Where it stands on a phone: in the bar, or behind "More". */
  readonly where: 'everywhere' | 'wide' | 'narrow';
}

const PAGES: readonly Page[] = [
  { path: '/', name: 'Overview', where: 'everywhere' },
  { path: '/incidents', name: 'Incidents', where: 'everywhere' },
  { path: '/history', name: 'Metrics', where: 'everywhere' },
  { path: '/healing', name: 'Healing', where: 'everywhere' },
  { path: '/budgets', name: 'Budgets', where: 'wide' },
  { path: '/workers', name: 'Workers', where: 'wide' },
  { path: '/tasks', name: 'Tasks', where: 'wide' },
  { path: '/backups', name: 'Backups', where: 'wide' },
  { path: '/audit', name: 'Audit', where: 'wide' },
  { path: '/commands', name: 'Any command', where: 'wide' },
  { path: '/more', name: 'More', where: 'narrow' },
];

const BEHIND_MORE = new Set(['/budgets', '/workers', '/tasks', '/backups', '/audit', '/commands']);

export function Rail(): JSX.Element {
  const known = status.value;
  return (
    <header class="rail">
      <b>Nightshift</b>
      <nav aria-label="Pages">
        {PAGES.map((page) => (
          <a
            key={page.path}
            class={page.where}
            href={page.path}
            aria-current={isHere(page) ? 'page' : undefined}
          >
            {page.name}
            {page.path === '/incidents' && <Waiting />}
          </a>
        ))}
      </nav>
      <div class="foot">
        {known !== null && (
          <p>
            {known.host}
            <br />
            {known.mode === 'production' ? 'Production' : 'Dry run'}
            {known.freeze !== null && ', frozen'}
          </p>
        )}
        <p>Signed in as {session.value?.who}</p>
        <SignOut />
      </div>
    </header>
  );
}

function isHere({ path }: Page): boolean {
  const here = place.value.path;
  if (path === '/') return here === '/';
  return here === path || here.startsWith(`${path}/`) || (path === '/more' && BEHIND_MORE.has(here));
}

function Waiting(): JSX.Element | null {
  const waiting = liveIncidents.value.filter(({ word }) => word === 'Waiting' || word === 'Paged').length;
  if (waiting === 0) return null;
  return (
    <i>
      {waiting}
      <span class="unseen"> {waiting === 1 ? 'waits' : 'wait'}</span>
    </i>
  );
}

export function SignOut(): JSX.Element {
  const leave = async (): Promise<void> => {
    await post('/api/logout', {}).catch(() => {}); // away or over already: this page forgets in any case
    stopFeed();
    session.value = null;
  };
  return (
    <button type="button" class="quiet" onClick={() => void leave()}>
      Sign out
    </button>
  );
}
